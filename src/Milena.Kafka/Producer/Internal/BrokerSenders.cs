using System.Collections.Concurrent;
using Milena.Kafka.Cluster.Internal;

namespace Milena.Kafka.Producer.Internal;

/// <summary>The sender loops by broker. Any thread.</summary>
internal sealed class BrokerSenders : IAsyncDisposable
{
    /// <summary>The sender that keeps queues of partitions whose leader is not known.</summary>
    public const int NoBroker = -1;

    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<int, BrokerSender> _senders = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly ProducerContext _context;
    private readonly BatchEnd _end;
    private readonly BrokerPool _pool;
    private readonly Action<int, Exception> _poison;

    /// <summary>Makes none yet.</summary>
    /// <param name="context">What the producer shares.</param>
    /// <param name="end">Ends batches.</param>
    /// <param name="pool">The producer's own connections.</param>
    /// <param name="poison">Called once a loop has ended by an error of its own.</param>
    public BrokerSenders(ProducerContext context, BatchEnd end, BrokerPool pool, Action<int, Exception> poison)
    {
        _context = context;
        _end = end;
        _pool = pool;
        _poison = poison;
    }

    /// <summary>The leader of a partition; <see cref="NoBroker"/> if it is not known.</summary>
    public static int LeaderOf(ClusterSnapshot cluster, TopicPartition partition) =>
        cluster.FindPartition(partition) is { LeaderId: >= 0 } known ? known.LeaderId : NoBroker;

    /// <summary>Gives a queue to the sender of its partition's leader.</summary>
    public void List(PartitionQueue queue, SenderNews news)
    {
        int leader = LeaderOf(_context.Cluster.Metadata.Current, queue.Partition);
        BrokerSender sender = _senders.TryGetValue(leader, out BrokerSender? known) ? known : Create(leader);
        using (queue.Gate.Enter())
        {
            queue.Sender = sender;
            queue.NextOwner = sender;
            sender.Announce(queue);
        }

        sender.Wake(news);
    }

    /// <summary>Tells all that open batches are to go.</summary>
    public void Hurry()
    {
        foreach (BrokerSender sender in _senders.Values)
        {
            sender.Wake(SenderNews.Hurry);
        }
    }

    public void WakeAll()
    {
        foreach (BrokerSender sender in _senders.Values)
        {
            sender.Wake();
        }
    }

    /// <summary>A loop has ended by an error of its own.</summary>
    public void Poison(int broker, Exception exception) => _poison(broker, exception);

    /// <summary>Ends the loops. Requests on their way stay with their connections.</summary>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        foreach (BrokerSender sender in _senders.Values)
        {
            await sender.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>After the loops and the connections have ended: ends when no write holds a buffer any more.</summary>
    public Task BuffersReturnedAsync() => Task.WhenAll(_senders.Values.Select(s => s.BuffersReturnedAsync()));

    private BrokerSender Create(int broker)
    {
        // A sender starts its loop: there must not be two of a broker, not even for a moment.
        lock (_gate)
        {
            return _senders.GetOrAdd(broker, static (id, all) => new BrokerSender(id, all._context, all, all._end, all._pool, all._closing.Token), this);
        }
    }
}
