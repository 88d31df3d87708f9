using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;

namespace Milena.Kafka.Diagnostics.Internal;

/// <summary>The instruments of all producers that share a meter. Observed ones ask the producers that are alive.</summary>
internal sealed class ProducerInstruments
{
    private static readonly ConditionalWeakTable<Meter, ProducerInstruments> OfMeter = [];
    private static readonly Lazy<Meter> Shared = new(static () => new Meter(KafkaDiagnostics.MeterName));

    // The conventions' own advice for durations, and powers of four for sizes.
    private static readonly InstrumentAdvice<double> Durations = new() { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10] };
    private static readonly InstrumentAdvice<long> Sizes = new() { HistogramBucketBoundaries = [256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304] };
    private static readonly InstrumentAdvice<long> Counts = new() { HistogramBucketBoundaries = [1, 4, 16, 64, 256, 1024, 4096, 16_384] };

    private readonly ConcurrentDictionary<IObservedProducer, bool> _alive = new();

    private ProducerInstruments(Meter meter)
    {
        SentMessages = meter.CreateCounter<long>("messaging.client.sent.messages", "{message}", "Records whose delivery has ended; those that failed have error.type.");
        OperationDuration = meter.CreateHistogram("messaging.client.operation.duration", "s", "From the acceptance of a batch's first record to the end of its delivery.", null, Durations);
        SentBytes = meter.CreateCounter<long>("kafka.producer.sent.bytes", "By", "Bytes of stored batches, as they lie in the log.");
        BatchRecords = meter.CreateHistogram("kafka.producer.batch.records", "{message}", "Records of each stored batch.", null, Counts);
        BatchSize = meter.CreateHistogram("kafka.producer.batch.size", "By", "Bytes of each stored batch.", null, Sizes);
        QueueDuration = meter.CreateHistogram("kafka.producer.queue.duration", "s", "From the opening of a batch until it first sets out.", null, Durations);
        RequestDuration = meter.CreateHistogram("kafka.producer.request.duration", "s", "From sending a produce request to its answer or failure.", null, Durations);
        Retries = meter.CreateCounter<long>("kafka.producer.retries", "{batch}", "Batches that are sent again.");
        Splits = meter.CreateCounter<long>("kafka.producer.splits", "{batch}", "Batches that were too large for the broker.");
        EpochBumps = meter.CreateCounter<long>("kafka.producer.epoch.bumps", "{bump}", "Rows of sequence numbers that had to begin anew under a newer epoch.");
        meter.CreateObservableUpDownCounter("kafka.producer.buffer.used", () => Observe(static p => [p.BufferUsed]), "By", "Bytes of the buffer that batches hold.");
        meter.CreateObservableUpDownCounter("kafka.producer.buffer.limit", () => Observe(static p => [p.BufferLimit]), "By", "All bytes of the buffer.");
        meter.CreateObservableUpDownCounter("kafka.producer.requests.in_flight", () => Observe(static p => p.InFlight), "{request}", "Unanswered requests.");
    }

    public Counter<long> SentMessages { get; }

    public Histogram<double> OperationDuration { get; }

    public Counter<long> SentBytes { get; }

    public Histogram<long> BatchRecords { get; }

    public Histogram<long> BatchSize { get; }

    public Histogram<double> QueueDuration { get; }

    public Histogram<double> RequestDuration { get; }

    public Counter<long> Retries { get; }

    public Counter<long> Splits { get; }

    public Counter<long> EpochBumps { get; }

    /// <summary>The instruments of the process-wide meter, or of the meter that a factory makes.</summary>
    public static ProducerInstruments Of(IMeterFactory? factory) =>
        OfMeter.GetValue(factory?.Create(new MeterOptions(KafkaDiagnostics.MeterName)) ?? Shared.Value, static meter => new ProducerInstruments(meter));

    public void Add(IObservedProducer producer) => _alive[producer] = true;

    public void Remove(IObservedProducer producer) => _alive.TryRemove(producer, out _);

    private List<Measurement<long>> Observe(Func<IObservedProducer, IEnumerable<Measurement<long>>> read) => [.. _alive.Keys.SelectMany(read)];
}
