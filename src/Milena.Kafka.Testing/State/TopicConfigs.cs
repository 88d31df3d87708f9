using System.Globalization;
using Milena.Kafka.Testing.Configs;

namespace Milena.Kafka.Testing.State;

/// <summary>The settings of a topic that its partitions obey, as they count at one moment. Immutable.</summary>
internal sealed class TopicConfigs
{
    /// <param name="valueOf">The value that counts of a setting.</param>
    public TopicConfigs(Func<string, string> valueOf)
    {
        string[] policies = valueOf(TopicSchema.CleanupPolicy).Split(',', StringSplitOptions.TrimEntries);
        IsCompacted = policies.Contains("compact");
        IsDeleted = policies.Contains("delete");
        Compression = StoredCompression.Read(valueOf);
        DeleteRetention = Number(TopicSchema.DeleteRetention);
        MaxCompactionLag = Number(TopicSchema.MaxCompactionLag);
        MaxMessageBytes = (int)Number(TopicSchema.MaxMessageBytes);
        MinCleanableDirtyRatio = double.Parse(valueOf(TopicSchema.MinCleanableDirtyRatio), CultureInfo.InvariantCulture);
        MinCompactionLag = Number(TopicSchema.MinCompactionLag);
        MinInSyncReplicas = (int)Number(TopicSchema.MinInSyncReplicas);
        RetentionBytes = Number(TopicSchema.RetentionBytes);
        RetentionMs = Number(TopicSchema.RetentionMs);
        SegmentBytes = (int)Number(TopicSchema.SegmentBytes);
        SegmentMs = Number(TopicSchema.SegmentMs);
        TimestampAfter = Number(TopicSchema.TimestampAfter);
        TimestampBefore = Number(TopicSchema.TimestampBefore);
        UncleanLeaderElection = bool.Parse(valueOf(TopicSchema.UncleanLeaderElection));
        UsesLogAppendTime = valueOf(TopicSchema.TimestampType) == "LogAppendTime";

        long Number(string name) => long.Parse(valueOf(name), CultureInfo.InvariantCulture);
    }

    /// <summary>Whether a newer record removes older ones of its key.</summary>
    public bool IsCompacted { get; }

    /// <summary>Whether old records are deleted by age and size.</summary>
    public bool IsDeleted { get; }

    /// <summary>How batches are compressed, whatever the producer chose; null leaves it to him.</summary>
    public StoredCompression? Compression { get; }

    /// <summary>How long tombstones and markers stay in a compacted log, in milliseconds.</summary>
    public long DeleteRetention { get; }

    /// <summary>After how many milliseconds a record is compacted at the latest.</summary>
    public long MaxCompactionLag { get; }

    public int MaxMessageBytes { get; }

    /// <summary>From which share of uncompacted bytes a log is compacted.</summary>
    public double MinCleanableDirtyRatio { get; }

    /// <summary>How many milliseconds a record stays uncompacted at least.</summary>
    public long MinCompactionLag { get; }

    public int MinInSyncReplicas { get; }

    /// <summary>The bytes of a partition beyond which its oldest segments are deleted; negative for never.</summary>
    public long RetentionBytes { get; }

    /// <summary>The age in milliseconds beyond which records are deleted; negative for never.</summary>
    public long RetentionMs { get; }

    /// <summary>The bytes at which a new segment begins.</summary>
    public int SegmentBytes { get; }

    /// <summary>The age in milliseconds at which a new segment begins.</summary>
    public long SegmentMs { get; }

    /// <summary>How far in the future a record may be, in milliseconds.</summary>
    public long TimestampAfter { get; }

    /// <summary>How far in the past a record may be, in milliseconds.</summary>
    public long TimestampBefore { get; }

    /// <summary>Whether a replica out of sync may lead.</summary>
    public bool UncleanLeaderElection { get; }

    public bool UsesLogAppendTime { get; }
}
