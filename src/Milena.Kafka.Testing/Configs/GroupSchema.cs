using System.Globalization;
using Milena.Kafka.Protocol;
using Milena.Kafka.Testing.State;
using static Milena.Kafka.Testing.Configs.ConfigCheck;

namespace Milena.Kafka.Testing.Configs;

/// <summary>The settings of groups (KIP-848, KIP-932, KIP-1071).</summary>
internal static class GroupSchema
{
    public const string ConsumerHeartbeatInterval = "consumer.heartbeat.interval.ms";
    public const string ConsumerSessionTimeout = "consumer.session.timeout.ms";

    public static ConfigSchema Schema { get; } = new(
        [
            new(ConsumerHeartbeatInterval, ConfigType.Int, "5000", "How often members of a consumer group send heartbeats.", AtLeast(1), "group.consumer.heartbeat.interval.ms"),
            new(ConsumerSessionTimeout, ConfigType.Int, "45000", "How long nothing may be heard of a member of a consumer group.", AtLeast(1), "group.consumer.session.timeout.ms"),
            new("share.auto.offset.reset", ConfigType.String, "latest", "Where a share group begins in a partition that is new to it.", ShareReset),
            new("share.heartbeat.interval.ms", ConfigType.Int, "5000", "How often members of a share group send heartbeats.", AtLeast(1), "group.share.heartbeat.interval.ms"),
            new("share.isolation.level", ConfigType.String, "read_uncommitted", "Whether a share group sees records of open and aborted transactions.", OneOf("read_committed", "read_uncommitted")),
            new("share.record.lock.duration.ms", ConfigType.Int, "30000", "How long a share consumer has a record for itself.", AtLeast(1000), "group.share.record.lock.duration.ms"),
            new("share.session.timeout.ms", ConfigType.Int, "45000", "How long nothing may be heard of a member of a share group.", AtLeast(1), "group.share.session.timeout.ms"),
            new("streams.heartbeat.interval.ms", ConfigType.Int, "5000", "How often members of a streams group send heartbeats.", AtLeast(1), "group.streams.heartbeat.interval.ms"),
            new("streams.initial.rebalance.delay.ms", ConfigType.Int, "3000", "How long the first rebalance of a streams group waits for members.", AtLeast(0), "group.streams.initial.rebalance.delay.ms"),
            new("streams.num.standby.replicas", ConfigType.Int, "0", "How many standbys each task of a streams group has.", AtLeast(0), "group.streams.num.standby.replicas"),
            new("streams.session.timeout.ms", ConfigType.Int, "45000", "How long nothing may be heard of a member of a streams group.", AtLeast(1), "group.streams.session.timeout.ms"),
        ],
        name => new Refusal(ErrorCode.InvalidConfig, $"Unknown group config name: {name}"),
        CheckTimes);

    /// <summary>The brokers' settings behind those of groups.</summary>
    public static IEnumerable<ConfigDefinition> BrokerDefinitions =>
        Schema.Definitions.Where(group => group.BrokerName is not null).Select(group => group with { Name = group.BrokerName!, BrokerName = null, IsReadOnly = true });

    private static string? ShareReset(string value) =>
        value is "latest" or "earliest" || value.StartsWith("by_duration:", StringComparison.Ordinal)
            ? null
            : $"Invalid value {value} for configuration share.auto.offset.reset: the value must be either 'earliest', 'latest', or of the format 'by_duration:<PnDTnHnMn.nS>'";

    private static Refusal? CheckTimes(Func<string, string> valueOf)
    {
        foreach (string kind in (string[])["consumer", "share", "streams"])
        {
            string session = $"{kind}.session.timeout.ms";
            string heartbeat = $"{kind}.heartbeat.interval.ms";
            if (int.Parse(valueOf(session), CultureInfo.InvariantCulture) <= int.Parse(valueOf(heartbeat), CultureInfo.InvariantCulture))
            {
                return new Refusal(ErrorCode.InvalidConfig, $"{session} must be greater than {heartbeat}");
            }
        }

        return null;
    }
}
