using System.Diagnostics;
using System.Runtime.CompilerServices;
using Milena.Kafka.Cli.Output;
using Milena.Kafka.Cli.Verification;

namespace Milena.Kafka.Cli.Measuring;

/// <summary>Produces records as a plan says, and measures.</summary>
/// <param name="producer">The producer.</param>
/// <param name="plan">How many records, how large, how fast.</param>
internal sealed class ProduceLoad(Producer<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> producer, ProducePlan plan) : IDisposable
{
    // What is on its way at a time; the producer's own memory is the narrower limit for large records.
    private const int Window = 100_000;

    private readonly SemaphoreSlim _window = new(Window);
    private Exception? _firstFailure;
    private long _failed;

    /// <summary>The time from the call to the acknowledgement, of each record that is stored.</summary>
    public LatencyRecorder Latency { get; } = new();

    /// <summary>Why a record was not stored; nothing is produced after it.</summary>
    public Exception? FirstFailure => Volatile.Read(ref _firstFailure);

    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>Produces until all is stored, or one record has failed.</summary>
    public async Task<Throughput> RunAsync(CancellationToken cancellationToken)
    {
        Progress progress = Progress.OnTerminal("records", plan.Count, isAlone: true);
        await using ConfiguredAsyncDisposable shown = progress.ConfigureAwait(false);
        var records = new NumberedRecords(plan.Size, plan.Keys);
        var pace = new Pace(plan.Rate, TimeProvider.System);
        long start = Stopwatch.GetTimestamp();
        for (long number = 0; number < plan.Count && FirstFailure is null; number++)
        {
            await pace.WaitAsync(number, cancellationToken).ConfigureAwait(false);
            await _window.WaitAsync(cancellationToken).ConfigureAwait(false);
            _ = ObserveAsync(producer.ProduceAsync(plan.Topic, records.Key(number), records.Value(number), CancellationToken.None), Stopwatch.GetTimestamp(), progress);
        }

        await producer.FlushAsync(cancellationToken).ConfigureAwait(false);
        for (int i = 0; i < Window; i++)
        {
            await _window.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        return new Throughput(Latency.Count, Latency.Count * plan.Size, Stopwatch.GetElapsedTime(start));
    }

    public void Dispose() => _window.Dispose();

    private async Task ObserveAsync(ValueTask<DeliveryResult> delivery, long began, Progress progress)
    {
        try
        {
            await delivery.ConfigureAwait(false);
            Latency.RecordSince(began);
            progress.Add(plan.Size);
        }
        catch (Exception failure)
        {
            Interlocked.Increment(ref _failed);
            Interlocked.CompareExchange(ref _firstFailure, failure, null);
        }
        finally
        {
            _window.Release();
        }
    }
}
