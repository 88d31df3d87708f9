namespace Milena.Kafka;

/// <summary>Which offsets of a group are reset, and whether.</summary>
public sealed class ResetGroupOffsetsOptions : AdminOptions
{
    /// <summary>The topics whose partitions are reset, all of them.</summary>
    /// <value>Empty: those of <see cref="Partitions"/>; if these are empty too, every partition that the group has stored an offset for.</value>
    public IReadOnlyCollection<string> Topics { get; init; } = [];

    /// <summary>Single partitions that are reset, beside <see cref="Topics"/>.</summary>
    /// <value>Empty.</value>
    public IReadOnlyCollection<TopicPartition> Partitions { get; init; } = [];

    /// <summary>Whether it is only told what would be done.</summary>
    /// <value>False.</value>
    public bool DryRun { get; init; }
}
