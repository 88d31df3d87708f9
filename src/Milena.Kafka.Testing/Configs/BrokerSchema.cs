using Milena.Kafka.Protocol;
using static Milena.Kafka.Testing.Configs.ConfigCheck;

namespace Milena.Kafka.Testing.Configs;

/// <summary>The settings of brokers: those that the embedded cluster obeys, the defaults of topics and groups, and a few that scripts like to change.</summary>
internal static class BrokerSchema
{
    // Topics have these as a time in milliseconds; without a value of their own brokers fall back on hours.
    private static readonly HashSet<string> WithoutDefault = ["log.retention.ms", "log.roll.ms", "log.roll.jitter.ms", "log.flush.interval.ms"];

    // What a broker names in another way or unit than a topic, and cannot change while it runs.
    private static readonly HashSet<string> StaticDefaults = ["log.index.size.max.bytes", "log.flush.interval.messages"];

    public const string ProducerIdExpiration = "producer.id.expiration.ms";
    public const string PartitionVerification = "transaction.partition.verification.enable";

    public static ConfigSchema Schema { get; } = new([.. Own(), .. TopicDefaults(), .. GroupSchema.BrokerDefinitions], unknown: null, invalid: ErrorCode.InvalidRequest);

    private static IEnumerable<ConfigDefinition> TopicDefaults() =>
        from topic in TopicSchema.Schema.Definitions
        where topic.BrokerName is not null
        select topic with
        {
            Name = topic.BrokerName!,
            Default = WithoutDefault.Contains(topic.BrokerName!) ? null : topic.Default,
            BrokerName = null,
            IsReadOnly = StaticDefaults.Contains(topic.BrokerName!),
        };

    private static IEnumerable<ConfigDefinition> Own() =>
    [
        new("advertised.listeners", ConfigType.String, null, "The addresses that clients are told.") { IsPerBroker = true, IsReadOnly = true },
        new("auto.create.topics.enable", ConfigType.Boolean, "true", "Whether asking for a topic creates it.") { IsReadOnly = true },
        new("background.threads", ConfigType.Int, "10", "How many threads do background work.", AtLeast(1)),
        new("broker.id", ConfigType.Int, "-1", "The broker's id.") { IsPerBroker = true, IsReadOnly = true },
        new("default.replication.factor", ConfigType.Int, "1", "How many replicas a topic has that does not say.", AtLeast(1)) { IsReadOnly = true },
        new("delete.topic.enable", ConfigType.Boolean, "true", "Whether topics can be deleted.") { IsReadOnly = true },
        new("fetch.max.bytes", ConfigType.Int, "57671680", "The most bytes of an answer to Fetch.", AtLeast(1024)) { IsReadOnly = true },
        new("group.initial.rebalance.delay.ms", ConfigType.Int, "3000", "How long the first rebalance of a classic group waits for members.") { IsReadOnly = true },
        new("group.max.session.timeout.ms", ConfigType.Int, "1800000", "The longest session time-out of classic groups.") { IsReadOnly = true },
        new("group.max.size", ConfigType.Int, "2147483647", "How many members a classic group takes.", AtLeast(1)) { IsReadOnly = true },
        new("group.min.session.timeout.ms", ConfigType.Int, "6000", "The shortest session time-out of classic groups.") { IsReadOnly = true },
        new("listeners", ConfigType.String, "PLAINTEXT://:9092", "The addresses that the broker listens on.") { IsPerBroker = true, IsReadOnly = true },
        new("log.cleaner.threads", ConfigType.Int, "1", "How many threads compact logs.", AtLeast(0)),
        new("log.dirs", ConfigType.String, null, "The directories that logs lie in.") { IsPerBroker = true, IsReadOnly = true },
        new("log.retention.check.interval.ms", ConfigType.Long, "300000", "How often logs are looked over for records to delete.", AtLeast(1)) { IsReadOnly = true },
        new("log.retention.hours", ConfigType.Int, "168", "The age beyond which records are deleted, if log.retention.ms is not set.") { IsReadOnly = true },
        new("log.roll.hours", ConfigType.Int, "168", "The age at which a new segment begins, if log.roll.ms is not set.", AtLeast(1)) { IsReadOnly = true },
        new("node.id", ConfigType.Int, null, "The node's id.") { IsPerBroker = true, IsReadOnly = true },
        new("num.io.threads", ConfigType.Int, "8", "How many threads serve requests.", AtLeast(1)),
        new("num.network.threads", ConfigType.Int, "3", "How many threads read and write connections.", AtLeast(1)),
        new("num.partitions", ConfigType.Int, "1", "How many partitions a topic has that does not say.", AtLeast(1)) { IsReadOnly = true },
        new("process.roles", ConfigType.List, "", "Whether the node is a broker, a controller, or both.") { IsReadOnly = true },
        new(ProducerIdExpiration, ConfigType.Int, "86400000", "After how long partitions forget an idempotent producer of which nothing came.", AtLeast(1)),
        new("sasl.jaas.config", ConfigType.Password, null, "The login of a listener.") { IsPerBroker = true },
        new("socket.request.max.bytes", ConfigType.Int, "104857600", "The largest request that is read.", AtLeast(1)) { IsReadOnly = true },
        new("ssl.keystore.password", ConfigType.Password, null, "The password of the key store.") { IsPerBroker = true },
        new("transaction.max.timeout.ms", ConfigType.Int, "900000", "The longest time-out of transactions.", AtLeast(1)) { IsReadOnly = true },
        new(PartitionVerification, ConfigType.Boolean, "true", "Whether leaders ask whether a partition was enrolled in its transaction."),
    ];
}
