using Milena.Kafka.Network.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Producer.Internal;

/// <summary>One produce request on its way, with the batches that it carries, and what came of it.</summary>
internal sealed class ProduceFlight
{
    public List<(PartitionQueue Queue, ProducerBatch Batch)> Parts { get; } = [];

    /// <summary>The bytes of all batches.</summary>
    public int Size { get; private set; }

    /// <summary>What is asked; null until then.</summary>
    public ProduceRequest? Request { get; private set; }

    /// <summary>The request as the connection knows it.</summary>
    public PendingRequest? Pending { get; private set; }

    /// <summary>The answer; null if there is none.</summary>
    public ProduceResponse? Response { get; private set; }

    /// <summary>Why there is no answer.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Adds a batch whose buffer was lent to this flight.</summary>
    public void Add(PartitionQueue queue, ProducerBatch batch)
    {
        Parts.Add((queue, batch));
        Size += batch.Size;
    }

    /// <summary>Sends the request and waits until it is over: answered, or with acks 0 written.</summary>
    /// <exception cref="KafkaException">It was not; <see cref="Pending"/> says whether the broker may have seen it.</exception>
    public async Task FlyAsync(Connection connection, ProducerContext context)
    {
        Acks acks = context.Options.Acks;
        Request = ProduceMessage.Create(this, context.Cluster.Metadata.Current, acks, context.Cluster.Options.RequestTimeout, context.Options.TransactionalId);
        short highest = Math.Min(ProduceMessage.MaxVersion(Request), context.Transactions?.MaxProduceVersion ?? short.MaxValue);
        if (connection.Versions.Negotiate(Apis.Produce, highest) < ProduceMessage.LowestVersion)
        {
            throw new UnsupportedVersionException($"{connection.Name} is older than Kafka 0.11: it does not take record batches of magic 2.");
        }

        // The sender's loop is quick: it is told by the receive loop, and its requests are written on its own thread.
        var options = new RequestOptions(MaxVersion: highest, IsInline: true);
        if (acks == Acks.None)
        {
            Pending = connection.SendOneWay(Request, options, CancellationToken.None);
            await Pending.Completion.ConfigureAwait(false);
            return;
        }

        PendingRequest<ProduceResponse> pending = connection.Send(Request, options, CancellationToken.None);
        Pending = pending;
        Response = await pending.Response.ConfigureAwait(false);
    }

    /// <summary>Gives the buffers back when the connection will never read them again, which can be after the answer or the time-out.</summary>
    public async Task GiveBackBuffersAsync()
    {
        if (Pending is { } pending)
        {
            await pending.Released.ConfigureAwait(false);
        }

        GiveBackBuffers();
    }

    /// <summary>Gives the buffers back of a flight that no connection reads.</summary>
    public void GiveBackBuffers()
    {
        foreach ((_, ProducerBatch batch) in Parts)
        {
            batch.GiveBack();
        }
    }
}
