using Milena.Kafka.Cli.Formatting;

namespace Milena.Kafka.Cli.Commands;

/// <summary>What <c>milena consume</c> is asked for.</summary>
internal sealed record ConsumeRequest(string Topic, StartPosition From, int? Partition)
{
    public long Count { get; init; } = long.MaxValue;

    public bool UntilEnd { get; init; }

    /// <summary>How many records of each partition's end; null for all from <see cref="From"/> on.</summary>
    public long? Last { get; init; }

    public required RecordFilter Filter { get; init; }

    /// <summary>Null for JSON.</summary>
    public RecordFormat? Text { get; init; }
}
