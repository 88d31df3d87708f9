namespace Milena.Kafka.LoadTest;

/// <summary>A member of a group that reads until it is disposed of.</summary>
internal sealed class RebalanceMember : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Consumer<string, string> _consumer;
    private readonly Task _reading;

    public RebalanceMember(KafkaClient kafka, ConsumerOptions options, string name, GroupShares shares)
    {
        options.RebalanceListener = shares.ListenerOf(name);
        _consumer = kafka.CreateConsumer<string, string>(options);
        _reading = Task.Run(ReadAsync);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _reading;
        await _consumer.DisposeAsync();
        _stop.Dispose();
    }

    private async Task ReadAsync()
    {
        try
        {
            await foreach (ConsumeResult<string, string> _ in _consumer.ConsumeAsync(_stop.Token))
            {
                // There is nothing to read.
            }
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
    }
}
