using Milena.Kafka.Tests.Consumer.Groups;

namespace Milena.Kafka.Tests.EndToEnd;

/// <summary>Stores records without end, not far ahead of the members of a group that read them.</summary>
internal sealed class GroupLoad : IAsyncDisposable
{
    private const int Ahead = 200;
    private const int PerBatch = 20;

    private readonly CancellationTokenSource _stop = new();
    private readonly Task<long> _storing;

    public GroupLoad(KafkaClient kafka, string topic, GroupLog log) => _storing = Task.Run(() => StoreAsync(kafka, topic, log));

    /// <summary>Stores no more.</summary>
    /// <returns>How many records have been stored.</returns>
    public async Task<long> EndAsync()
    {
        await _stop.CancelAsync();
        return await _storing;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await ((Task)_storing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task<long> StoreAsync(KafkaClient kafka, string topic, GroupLog log)
    {
        await using Producer<string, string> producer = kafka.CreateProducer<string, string>();
        long stored = 0;
        while (!_stop.IsCancellationRequested)
        {
            Task changed = log.Changed;
            if (stored - log.Finished > Ahead)
            {
                await changed.WaitAsync(_stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                continue;
            }

            for (int i = 0; i < PerBatch; i++, stored++)
            {
                await producer.EnqueueAsync(topic, $"k{stored}", $"v{stored}");
            }

            await producer.FlushAsync();
        }

        return stored;
    }
}
