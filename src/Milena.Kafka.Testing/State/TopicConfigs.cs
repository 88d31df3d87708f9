using System.Globalization;

namespace Milena.Kafka.Testing.State;

/// <summary>The settings of a topic: what was set, and Kafka's defaults for the rest. Immutable.</summary>
internal sealed class TopicConfigs
{
    private const string MaxMessageBytesName = "max.message.bytes";
    private const string TimestampTypeName = "message.timestamp.type";
    private const string CleanupPolicyName = "cleanup.policy";
    private const string MinInSyncReplicasName = "min.insync.replicas";
    private const string TimestampBeforeName = "message.timestamp.before.max.ms";
    private const string TimestampAfterName = "message.timestamp.after.max.ms";
    private const string RetentionBytesName = "retention.bytes";

    private static readonly Dictionary<string, string> Defaults = new(StringComparer.Ordinal)
    {
        [CleanupPolicyName] = "delete",
        ["compression.gzip.level"] = "-1",
        ["compression.lz4.level"] = "9",
        ["compression.type"] = "producer",
        ["compression.zstd.level"] = "3",
        ["delete.retention.ms"] = "86400000",
        ["file.delete.delay.ms"] = "60000",
        ["flush.messages"] = "9223372036854775807",
        ["flush.ms"] = "9223372036854775807",
        ["follower.replication.throttled.replicas"] = "",
        ["index.interval.bytes"] = "4096",
        ["leader.replication.throttled.replicas"] = "",
        ["local.retention.bytes"] = "-2",
        ["local.retention.ms"] = "-2",
        ["max.compaction.lag.ms"] = "9223372036854775807",
        [MaxMessageBytesName] = "1048588",
        [TimestampAfterName] = "9223372036854775807",
        [TimestampBeforeName] = "9223372036854775807",
        [TimestampTypeName] = "CreateTime",
        ["min.cleanable.dirty.ratio"] = "0.5",
        ["min.compaction.lag.ms"] = "0",
        [MinInSyncReplicasName] = "1",
        ["preallocate"] = "false",
        ["remote.storage.enable"] = "false",
        [RetentionBytesName] = "-1",
        ["retention.ms"] = "604800000",
        ["segment.bytes"] = "1073741824",
        ["segment.index.bytes"] = "10485760",
        ["segment.jitter.ms"] = "0",
        ["segment.ms"] = "604800000",
        ["unclean.leader.election.enable"] = "false",
    };

    private readonly Dictionary<string, string> _set;

    private TopicConfigs(Dictionary<string, string> set, int maxMessageBytes)
    {
        _set = set;
        MaxMessageBytes = set.TryGetValue(MaxMessageBytesName, out string? limit) ? int.Parse(limit, CultureInfo.InvariantCulture) : maxMessageBytes;
        UsesLogAppendTime = this[TimestampTypeName] == "LogAppendTime";
        IsCompacted = this[CleanupPolicyName].Contains("compact", StringComparison.Ordinal);
        MinInSyncReplicas = int.Parse(this[MinInSyncReplicasName], CultureInfo.InvariantCulture);
        TimestampBefore = long.Parse(this[TimestampBeforeName], CultureInfo.InvariantCulture);
        TimestampAfter = long.Parse(this[TimestampAfterName], CultureInfo.InvariantCulture);
        RetentionBytes = long.Parse(this[RetentionBytesName], CultureInfo.InvariantCulture);
    }

    public int MaxMessageBytes { get; }

    /// <summary>The bytes of a partition beyond which its oldest segments are deleted; negative for never.</summary>
    public long RetentionBytes { get; }

    public bool UsesLogAppendTime { get; }

    public bool IsCompacted { get; }

    public int MinInSyncReplicas { get; }

    /// <summary>How far in the past a record may be, in milliseconds.</summary>
    public long TimestampBefore { get; }

    /// <summary>How far in the future a record may be, in milliseconds.</summary>
    public long TimestampAfter { get; }

    /// <summary>Name, value and whether the topic itself has it set, by name.</summary>
    public IEnumerable<(string Name, string Value, bool IsSet)> All =>
        Defaults.Keys.Select(name => (name, name == MaxMessageBytesName ? MaxMessageBytes.ToString(CultureInfo.InvariantCulture) : this[name], _set.ContainsKey(name)));

    private string this[string name] => _set.TryGetValue(name, out string? value) ? value : Defaults[name];

    /// <summary>Reads settings as a client gives them.</summary>
    /// <param name="settings">Name and value; null for the default.</param>
    /// <param name="maxMessageBytes">The broker's own limit.</param>
    /// <param name="fault">What is wrong with them; null if nothing is.</param>
    public static TopicConfigs? Parse(IEnumerable<KeyValuePair<string, string?>> settings, int maxMessageBytes, out string? fault)
    {
        var set = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((string name, string? value) in settings)
        {
            fault = Fault(name, value);
            if (fault is not null)
            {
                return null;
            }

            set[name] = value!;
        }

        fault = null;
        return new TopicConfigs(set, maxMessageBytes);
    }

    private static string? Fault(string name, string? value)
    {
        if (!Defaults.TryGetValue(name, out string? normal))
        {
            return $"Unknown topic config name: {name}";
        }

        bool isGood = name switch
        {
            _ when value is null => false,
            TimestampTypeName => value is "CreateTime" or "LogAppendTime",
            CleanupPolicyName => value.Split(',').All(policy => policy.Trim() is "delete" or "compact"),
            MinInSyncReplicasName => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count >= 1,
            MaxMessageBytesName => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out _),
            _ when long.TryParse(normal, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _) =>
                long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
            _ when bool.TryParse(normal, out _) => bool.TryParse(value, out _),
            _ => true,
        };
        return isGood ? null : $"Invalid value {value ?? "null"} for configuration {name}";
    }
}
