using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;

namespace Milena.Kafka.Diagnostics.Internal;

/// <summary>The instruments of all consumers that share a meter. Observed ones ask the consumers that are alive.</summary>
internal sealed class ConsumerInstruments
{
    private static readonly ConditionalWeakTable<Meter, ConsumerInstruments> OfMeter = [];
    private static readonly Lazy<Meter> Shared = new(static () => new Meter(KafkaDiagnostics.MeterName));
    private static readonly InstrumentAdvice<double> Durations = new() { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10] };
    private static readonly InstrumentAdvice<long> Sizes = new() { HistogramBucketBoundaries = [256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216] };

    private readonly ConcurrentDictionary<IObservedConsumer, bool> _alive = new();

    private ConsumerInstruments(Meter meter)
    {
        ConsumedMessages = meter.CreateCounter<long>("messaging.client.consumed.messages", "{message}", "Records of the batches that were opened for the loop.");
        ConsumedBytes = meter.CreateCounter<long>("kafka.consumer.consumed.bytes", "By", "Bytes of those batches, as they lie in the log.");
        ProcessDuration = meter.CreateHistogram("messaging.process.duration", "s", "How long a handler took with a record.", null, Durations);
        FetchDuration = meter.CreateHistogram("kafka.consumer.fetch.duration", "s", "From sending a fetch request to its answer or failure; a broker without records waits up to FetchMaxWait.", null, Durations);
        FetchSize = meter.CreateHistogram("kafka.consumer.fetch.size", "By", "Bytes of records of each answer.", null, Sizes);
        Rebalances = meter.CreateCounter<long>("kafka.consumer.rebalances", "{rebalance}", "Generations that were joined and assignments that were changed, by kafka.rebalance.cause.");
        CommitDuration = meter.CreateHistogram("kafka.consumer.commit.duration", "s", "From sending offsets to the answer or failure.", null, Durations);
        PoisonRecords = meter.CreateCounter<long>("kafka.consumer.poison.records", "{message}", "Records that could not be read and were skipped, handled or sent to a dead-letter topic.");
        meter.CreateObservableGauge("kafka.consumer.lag", () => Observe(static c => c.Lag), "{message}", "Records from the position to the high watermark of the last answer.");
        meter.CreateObservableUpDownCounter("kafka.consumer.buffered", () => Observe<long>(static c => [c.Buffered]), "By", "Bytes that were fetched and not yet handed out.");
        meter.CreateObservableCounter("kafka.consumer.poll.idle", () => Observe<double>(static c => [c.Idle]), "s", "Time in which the loop has waited for records; its rate is the poll idle ratio.");
    }

    public Counter<long> ConsumedMessages { get; }

    public Counter<long> ConsumedBytes { get; }

    public Histogram<double> ProcessDuration { get; }

    public Histogram<double> FetchDuration { get; }

    public Histogram<long> FetchSize { get; }

    public Counter<long> Rebalances { get; }

    public Histogram<double> CommitDuration { get; }

    public Counter<long> PoisonRecords { get; }

    /// <summary>The instruments of the process-wide meter, or of the meter that a factory makes.</summary>
    public static ConsumerInstruments Of(IMeterFactory? factory) =>
        OfMeter.GetValue(factory?.Create(new MeterOptions(KafkaDiagnostics.MeterName)) ?? Shared.Value, static meter => new ConsumerInstruments(meter));

    public void Add(IObservedConsumer consumer) => _alive[consumer] = true;

    public void Remove(IObservedConsumer consumer) => _alive.TryRemove(consumer, out _);

    private List<Measurement<T>> Observe<T>(Func<IObservedConsumer, IEnumerable<Measurement<T>>> read)
        where T : struct => [.. _alive.Keys.SelectMany(read)];
}
