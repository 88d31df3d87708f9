using Milena.Kafka.Cli.Measuring;

namespace Milena.Kafka.Cli.Verification;

/// <summary>Produces numbered records one after the other at a rate, and adds to the report what becomes of each.</summary>
internal sealed class ProduceRun
{
    private readonly Producer<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> _producer;
    private readonly ProducePlan _plan;
    private readonly DeliveryReport _report;
    private readonly SemaphoreSlim _window;
    private readonly TaskCompletionSource _allEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Exception? _end;
    private volatile bool _hasBegun;
    private long _outstanding = 1;

    /// <summary>Makes one.</summary>
    /// <param name="producer">The producer.</param>
    /// <param name="plan">What to produce.</param>
    /// <param name="report">Learns of each result.</param>
    /// <param name="window">Entered for each record; left when its result is written.</param>
    public ProduceRun(Producer<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> producer, ProducePlan plan, DeliveryReport report, SemaphoreSlim window)
    {
        _producer = producer;
        _plan = plan;
        _report = report;
        _window = window;
    }

    /// <summary>Why the producer takes no more records; null if it does.</summary>
    public Exception? End => Volatile.Read(ref _end);

    /// <summary>Ends when nothing more is produced and there is a result of each record.</summary>
    public Task AllEnded => _allEnded.Task;

    /// <summary>Produces until all is produced, or the producer has ended.</summary>
    /// <exception cref="OperationCanceledException">It was to end before.</exception>
    public async Task ProduceAsync(CancellationToken cancellationToken)
    {
        var records = new NumberedRecords(_plan.Size, _plan.Keys);
        var pace = new Pace(_plan.Rate, TimeProvider.System);
        try
        {
            for (long number = 0; number < _plan.Count && End is null; number++)
            {
                await pace.WaitAsync(number, cancellationToken).ConfigureAwait(false);
                await _window.WaitAsync(cancellationToken).ConfigureAwait(false);
                Interlocked.Increment(ref _outstanding);

                // The token ends the run and not the records that were begun: each of them has a result.
                _ = ObserveAsync(number, _producer.ProduceAsync(_plan.Topic, records.Key(number), records.Value(number), CancellationToken.None));
            }
        }
        finally
        {
            Leave();
        }
    }

    private async Task ObserveAsync(long number, ValueTask<DeliveryResult> delivery)
    {
        DeliveryEvent happened;
        try
        {
            DeliveryResult stored = await delivery.ConfigureAwait(false);
            _hasBegun = true;
            happened = new DeliveryEvent(number, null, stored.Partition, stored.Offset, null);
        }
        catch (DeliveryException failure)
        {
            _hasBegun = true;
            happened = new DeliveryEvent(number, failure.Status, failure.Partition, -1, failure.Message);
        }
        catch (Exception refusal)
        {
            // It was not accepted. Trouble passes once all was well; whatever else it is, the next record would meet it too.
            happened = new DeliveryEvent(number, DeliveryStatus.NotStored, -1, -1, refusal.Message);
            bool mayPass = _hasBegun && refusal is (BufferExhaustedException or KafkaException { IsRetriable: true });
            if (!mayPass && refusal is not ObjectDisposedException)
            {
                Interlocked.CompareExchange(ref _end, refusal, null);
            }
        }

        _report.Add(happened);
        Leave();
    }

    private void Leave()
    {
        if (Interlocked.Decrement(ref _outstanding) == 0)
        {
            _allEnded.TrySetResult();
        }
    }
}
