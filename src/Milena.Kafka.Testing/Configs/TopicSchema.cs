using System.Globalization;
using Milena.Kafka.Protocol;
using Milena.Kafka.Testing.State;
using static Milena.Kafka.Testing.Configs.ConfigCheck;

namespace Milena.Kafka.Testing.Configs;

/// <summary>The settings of topics.</summary>
internal static class TopicSchema
{
    public const string CleanupPolicy = "cleanup.policy";
    public const string CompressionGzipLevel = "compression.gzip.level";
    public const string CompressionLz4Level = "compression.lz4.level";
    public const string CompressionType = "compression.type";
    public const string CompressionZstdLevel = "compression.zstd.level";
    public const string DeleteRetention = "delete.retention.ms";
    public const string MaxCompactionLag = "max.compaction.lag.ms";
    public const string MaxMessageBytes = "max.message.bytes";
    public const string MinCleanableDirtyRatio = "min.cleanable.dirty.ratio";
    public const string MinCompactionLag = "min.compaction.lag.ms";
    public const string MinInSyncReplicas = "min.insync.replicas";
    public const string RemoteStorage = "remote.storage.enable";
    public const string RetentionBytes = "retention.bytes";
    public const string RetentionMs = "retention.ms";
    public const string SegmentBytes = "segment.bytes";
    public const string SegmentMs = "segment.ms";
    public const string TimestampAfter = "message.timestamp.after.max.ms";
    public const string TimestampBefore = "message.timestamp.before.max.ms";
    public const string TimestampType = "message.timestamp.type";
    public const string UncleanLeaderElection = "unclean.leader.election.enable";

    private const string Forever = "9223372036854775807";

    public static ConfigSchema Schema { get; } = new(
        [
            new(CleanupPolicy, ConfigType.List, "delete", "How old records go: delete by age and size, compact when a newer one has the same key.", OneOf("compact", "delete"), "log.cleanup.policy"),
            new(CompressionGzipLevel, ConfigType.Int, "-1", "The gzip level if compression.type is gzip.", GzipLevel, CompressionGzipLevel),
            new(CompressionLz4Level, ConfigType.Int, "9", "The LZ4 level if compression.type is lz4.", Between(1, 17), CompressionLz4Level),
            new(CompressionType, ConfigType.String, "producer", "How batches are stored, whatever the producer chose; producer leaves it to him.", OneOf("uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"), CompressionType),
            new(CompressionZstdLevel, ConfigType.Int, "3", "The Zstandard level if compression.type is zstd.", Between(-131072, 22), CompressionZstdLevel),
            new(DeleteRetention, ConfigType.Long, "86400000", "How long tombstones and transaction markers stay in a compacted log.", AtLeast(0), "log.cleaner.delete.retention.ms"),
            new("file.delete.delay.ms", ConfigType.Long, "60000", "How long a file stays on disk after its deletion.", AtLeast(0), "log.segment.delete.delay.ms"),
            new("flush.messages", ConfigType.Long, Forever, "After how many records the log is flushed.", AtLeast(1), "log.flush.interval.messages"),
            new("flush.ms", ConfigType.Long, Forever, "After how long the log is flushed.", AtLeast(0), "log.flush.interval.ms"),
            new("follower.replication.throttled.replicas", ConfigType.List, "", "Replicas whose replication is throttled on the follower's side."),
            new("index.interval.bytes", ConfigType.Int, "4096", "After how many bytes the index has an entry.", AtLeast(0), "log.index.interval.bytes"),
            new("leader.replication.throttled.replicas", ConfigType.List, "", "Replicas whose replication is throttled on the leader's side."),
            new("local.retention.bytes", ConfigType.Long, "-2", "How much stays local of a tiered log; -2 follows retention.bytes.", AtLeast(-2), "log.local.retention.bytes"),
            new("local.retention.ms", ConfigType.Long, "-2", "How long records stay local of a tiered log; -2 follows retention.ms.", AtLeast(-2), "log.local.retention.ms"),
            new(MaxCompactionLag, ConfigType.Long, Forever, "After how long a record is compacted at the latest.", AtLeast(1), "log.cleaner.max.compaction.lag.ms"),
            new(MaxMessageBytes, ConfigType.Int, "1048588", "The largest batch that is stored.", AtLeast(0), "message.max.bytes"),
            new(TimestampAfter, ConfigType.Long, Forever, "How far in the future a record may be.", AtLeast(0), "log.message.timestamp.after.max.ms"),
            new(TimestampBefore, ConfigType.Long, Forever, "How far in the past a record may be.", AtLeast(0), "log.message.timestamp.before.max.ms"),
            new(TimestampType, ConfigType.String, "CreateTime", "Whether records have the producer's time or the broker's.", OneOf("CreateTime", "LogAppendTime"), "log.message.timestamp.type"),
            new(MinCleanableDirtyRatio, ConfigType.Double, "0.5", "From which share of uncompacted bytes a log is compacted.", Between(0, 1), "log.cleaner.min.cleanable.ratio"),
            new(MinCompactionLag, ConfigType.Long, "0", "How long a record stays uncompacted at least.", AtLeast(0), "log.cleaner.min.compaction.lag.ms"),
            new(MinInSyncReplicas, ConfigType.Int, "1", "How many replicas must be in sync for acks=all.", AtLeast(1), "min.insync.replicas"),
            new("preallocate", ConfigType.Boolean, "false", "Whether files are allocated as a whole.", null, "log.preallocate"),
            new("remote.log.copy.disable", ConfigType.Boolean, "false", "Whether a tiered log is no longer copied."),
            new("remote.log.delete.on.disable", ConfigType.Boolean, "false", "Whether tiered records go when tiering is switched off."),
            new(RemoteStorage, ConfigType.Boolean, "false", "Whether the log is tiered."),
            new(RetentionBytes, ConfigType.Long, "-1", "The size of a partition beyond which its oldest records are deleted; -1 for no limit.", null, "log.retention.bytes"),
            new(RetentionMs, ConfigType.Long, "604800000", "The age beyond which records are deleted; -1 for no limit.", AtLeast(-1), "log.retention.ms"),
            new(SegmentBytes, ConfigType.Int, "1073741824", "The size at which a new segment begins.", AtLeast(14), "log.segment.bytes"),
            new("segment.index.bytes", ConfigType.Int, "10485760", "The size of an index.", AtLeast(4), "log.index.size.max.bytes"),
            new("segment.jitter.ms", ConfigType.Long, "0", "By how much segments may begin earlier, at random.", AtLeast(0), "log.roll.jitter.ms"),
            new(SegmentMs, ConfigType.Long, "604800000", "The age at which a new segment begins.", AtLeast(1), "log.roll.ms"),
            new(UncleanLeaderElection, ConfigType.Boolean, "false", "Whether a replica out of sync may lead, though records are lost.", null, "unclean.leader.election.enable"),
        ],
        name => new Refusal(ErrorCode.InvalidConfig, $"Unknown topic config name: {name}"),
        valueOf => CheckLag(valueOf) ?? CheckTiering(valueOf));

    private static string? GzipLevel(string value) => value == "-1" || Between(1, 9)(value) is null ? null : "Value must be between 1 and 9 or equal to -1";

    /// <summary>The embedded cluster has no tiered storage, and says so as brokers do that have none.</summary>
    private static Refusal? CheckTiering(Func<string, string> valueOf) => bool.Parse(valueOf(RemoteStorage))
        ? new Refusal(ErrorCode.InvalidConfig, "Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log storage.")
        : null;

    private static Refusal? CheckLag(Func<string, string> valueOf)
    {
        long lowest = long.Parse(valueOf(MinCompactionLag), CultureInfo.InvariantCulture);
        long highest = long.Parse(valueOf(MaxCompactionLag), CultureInfo.InvariantCulture);
        return lowest <= highest
            ? null
            : new Refusal(ErrorCode.InvalidConfig, $"conflict topic config setting {MinCompactionLag} ({lowest}) > {MaxCompactionLag} ({highest})");
    }
}
