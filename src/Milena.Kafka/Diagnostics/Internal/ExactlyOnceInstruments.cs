using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;

namespace Milena.Kafka.Diagnostics.Internal;

/// <summary>The instruments of all exactly-once loops that share a meter.</summary>
internal sealed class ExactlyOnceInstruments
{
    private static readonly ConditionalWeakTable<Meter, ExactlyOnceInstruments> OfMeter = [];
    private static readonly Lazy<Meter> Shared = new(static () => new Meter(KafkaDiagnostics.MeterName));
    private static readonly InstrumentAdvice<double> Durations = new() { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30, 60] };

    private ExactlyOnceInstruments(Meter meter)
    {
        Commits = meter.CreateCounter<long>("kafka.exactly_once.commits", "{transaction}", "Transactions that were committed.");
        Aborts = meter.CreateCounter<long>("kafka.exactly_once.aborts", "{transaction}", "Transactions that were aborted, by kafka.abort.cause.");
        Unresolved = meter.CreateCounter<long>("kafka.exactly_once.unresolved", "{transaction}", "Commits that the coordinator did not confirm, so that it had to be asked how they ended.");
        CommitDuration = meter.CreateHistogram("kafka.exactly_once.commit.duration", "s", "From the request to commit to its confirmation or failure.", null, Durations);
        TransactionDuration = meter.CreateHistogram("kafka.exactly_once.transaction.duration", "s", "From the first batch of a transaction to its end.", null, Durations);
    }

    public Counter<long> Commits { get; }

    public Counter<long> Aborts { get; }

    public Counter<long> Unresolved { get; }

    public Histogram<double> CommitDuration { get; }

    public Histogram<double> TransactionDuration { get; }

    /// <summary>The instruments of the process-wide meter, or of the meter that a factory makes.</summary>
    public static ExactlyOnceInstruments Of(IMeterFactory? factory) =>
        OfMeter.GetValue(factory?.Create(new MeterOptions(KafkaDiagnostics.MeterName)) ?? Shared.Value, static meter => new ExactlyOnceInstruments(meter));
}
