using Milena.Kafka.Protocol;
using Milena.Kafka.Testing;

namespace Milena.Kafka.Tests.Consumer.Groups;

/// <summary>Reads one partition of a topic through one error: a loop that ends with an exception is begun again, once.</summary>
internal sealed class FaultedReader(TestCluster cluster, Func<Consumer<string, string>> create, CancellationToken cancellationToken) : IAsyncDisposable
{
    private readonly List<long> _offsets = [];
    private Consumer<string, string> _consumer = create();

    /// <summary>What the loop ended with; null for nothing.</summary>
    public KafkaException? Told { get; private set; }

    /// <summary>The offsets that were read, without those that came again.</summary>
    public IReadOnlyList<long> Offsets => [.. _offsets.Distinct()];

    /// <summary>Reads until so many different records have been finished.</summary>
    public async Task ReadAsync(int count)
    {
        while (Offsets.Count < count)
        {
            await ReadAsync(() => Offsets.Count == count);
        }
    }

    /// <summary>Reads until the loop has ended with an exception.</summary>
    public async Task UntilToldAsync()
    {
        while (Told is null)
        {
            await ReadAsync(() => false);
        }
    }

    /// <summary>Waits until the request that is answered with the error has come.</summary>
    public async Task UntilHitAsync(ApiKey api, string clientId, int skip)
    {
        while (true)
        {
            long seen = cluster.ReceivedCount(api);
            if (cluster.Received(api).Count(r => r.ClientId == clientId) > skip)
            {
                return;
            }

            await cluster.WaitForAsync(api, seen + 1, cancellationToken);
        }
    }

    public ValueTask DisposeAsync() => _consumer.DisposeAsync();

    private async Task ReadAsync(Func<bool> isEnough)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            await foreach (ConsumeResult<string, string> record in _consumer.ConsumeAsync(enough.Token))
            {
                _offsets.Add(record.Offset);
                if (isEnough())
                {
                    await enough.CancelAsync();
                }
            }
        }
        catch (OperationCanceledException) when (isEnough() && !cancellationToken.IsCancellationRequested)
        {
            // Enough for now, and the last one is finished.
        }
        catch (KafkaException fault) when (Told is null)
        {
            Told = fault;
            if (fault is FencedInstanceException)
            {
                await _consumer.DisposeAsync();
                _consumer = create();
            }
        }
    }
}
