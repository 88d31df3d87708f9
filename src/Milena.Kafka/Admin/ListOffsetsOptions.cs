using Milena.Kafka.Protocol;

namespace Milena.Kafka;

/// <summary>How offsets are listed.</summary>
public sealed class ListOffsetsOptions : AdminOptions
{
    /// <summary>Whether records of transactions count that are still open.</summary>
    /// <value><see cref="IsolationLevel.ReadUncommitted"/>: they do.</value>
    public IsolationLevel IsolationLevel { get; init; } = IsolationLevel.ReadUncommitted;
}
