using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Testing;

/// <summary>How a <see cref="TestCluster"/> is set up. It is copied when the cluster starts.</summary>
public sealed class TestClusterOptions
{
    internal const short HighestTransactionVersion = 2;

    /// <summary>The address that brokers listen on and tell clients.</summary>
    /// <value>127.0.0.1. An IP address.</value>
    public string Host { get; set; } = "127.0.0.1";

    /// <summary>The port of the first broker; the others take the ones that follow.</summary>
    /// <value>0: every broker takes a free port.</value>
    public int FirstPort { get; set; }

    /// <summary>The port of each broker, in order of their ids; 0 for a free one.</summary>
    /// <value>Empty: <see cref="FirstPort"/> decides. Else one for each broker.</value>
    public IReadOnlyList<int> Ports { get; set; } = [];

    /// <summary>Whether a Metadata request may create the topics that it names.</summary>
    /// <value><see langword="true"/>. As in Kafka, the answer that creates the topic still says that it is unknown; the next one has it.</value>
    /// <remarks>Kafka calls this <c>auto.create.topics.enable</c>.</remarks>
    public bool AutoCreateTopics { get; set; } = true;

    /// <summary>The number of partitions of a topic that does not say how many it wants.</summary>
    /// <value>1.</value>
    /// <remarks>Kafka calls this <c>num.partitions</c>.</remarks>
    public int DefaultPartitions { get; set; } = 1;

    /// <summary>The number of replicas of a topic that does not say how many it wants; never more than there are brokers.</summary>
    /// <value>3, so that with several brokers one may stop. Kafka's own default is 1.</value>
    /// <remarks>Kafka calls this <c>default.replication.factor</c>. All replicas are one log: what is stored is replicated at once.</remarks>
    public int DefaultReplicationFactor { get; set; } = 3;

    /// <summary>The largest request that is read, in bytes; a larger one closes its connection.</summary>
    /// <value>100 MiB.</value>
    /// <remarks>Kafka calls this <c>socket.request.max.bytes</c>.</remarks>
    public int MaxRequestBytes { get; set; } = 100 * 1024 * 1024;

    /// <summary>The largest record batch that is stored, in bytes, for topics that do not set <c>max.message.bytes</c>.</summary>
    /// <value>1,048,588.</value>
    /// <remarks>Kafka calls this <c>message.max.bytes</c>.</remarks>
    public int MaxMessageBytes { get; set; } = 1_048_588;

    /// <summary>The directories in which each broker says that its logs lie. Nothing is written there: all is in memory.</summary>
    /// <value>One. With several, replicas can be moved from one to another.</value>
    /// <remarks>Kafka calls this <c>log.dirs</c>.</remarks>
    public IReadOnlyList<string> LogDirs { get; set; } = ["/var/lib/kafka/data"];

    /// <summary>How often, by the cluster's clock, logs are looked over: old records are deleted and compacted as the topics' settings say.</summary>
    /// <value>5 min. <see cref="TestCluster.CleanLogs(string?)"/> does it at once.</value>
    /// <remarks>Kafka calls this <c>log.retention.check.interval.ms</c>.</remarks>
    public TimeSpan LogRetentionCheckInterval { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>The most bytes that one Fetch response carries, whatever the client allows.</summary>
    /// <value>55 MiB.</value>
    /// <remarks>Kafka calls this <c>fetch.max.bytes</c>.</remarks>
    public int MaxFetchBytes { get; set; } = 55 * 1024 * 1024;

    /// <summary>How long the first rebalance of an empty classic group waits for more members.</summary>
    /// <value>Zero, so that tests need not wait. Kafka's default is 3 s.</value>
    /// <remarks>Kafka calls this <c>group.initial.rebalance.delay.ms</c>.</remarks>
    public TimeSpan GroupInitialRebalanceDelay { get; set; }

    /// <summary>The shortest session time-out that a member of a classic group may ask for.</summary>
    /// <value>Zero, so that tests need not wait. Kafka's default is 6 s.</value>
    /// <remarks>Kafka calls this <c>group.min.session.timeout.ms</c>; a shorter one is refused with INVALID_SESSION_TIMEOUT.</remarks>
    public TimeSpan GroupMinSessionTimeout { get; set; }

    /// <summary>The longest session time-out that a member of a classic group may ask for.</summary>
    /// <value>30 min.</value>
    /// <remarks>Kafka calls this <c>group.max.session.timeout.ms</c>; a longer one is refused with INVALID_SESSION_TIMEOUT.</remarks>
    public TimeSpan GroupMaxSessionTimeout { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>How many members a group of either protocol takes.</summary>
    /// <value>No limit. One more is refused with GROUP_MAX_SIZE_REACHED.</value>
    /// <remarks>Kafka calls this <c>group.max.size</c> and <c>group.consumer.max.size</c>.</remarks>
    public int GroupMaxSize { get; set; } = int.MaxValue;

    /// <summary>Whether the consumer group protocol of KIP-848 is served.</summary>
    /// <value><see langword="true"/>. <see cref="TestCluster.ConsumerGroupProtocol"/> changes it while the cluster runs.</value>
    /// <remarks>In Kafka the feature level <c>group.version</c> decides this.</remarks>
    public bool ConsumerGroupProtocol { get; set; } = true;

    /// <summary>How long nothing may be heard of a member of a consumer group (KIP-848) before it is out.</summary>
    /// <value>45 s.</value>
    /// <remarks>Kafka calls this <c>group.consumer.session.timeout.ms</c>.</remarks>
    public TimeSpan ConsumerGroupSessionTimeout { get; set; } = TimeSpan.FromSeconds(45);

    /// <summary>How often members of consumer groups (KIP-848) are told to send heartbeats.</summary>
    /// <value>200 ms, so that rebalances, which move on with heartbeats, are quick. Kafka's default is 5 s.</value>
    /// <remarks>Kafka calls this <c>group.consumer.heartbeat.interval.ms</c>.</remarks>
    public TimeSpan ConsumerGroupHeartbeatInterval { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Which groups change their protocol while they have members.</summary>
    /// <value><see cref="GroupMigrationPolicy.Bidirectional"/>.</value>
    /// <remarks>Kafka calls this <c>group.consumer.migration.policy</c>.</remarks>
    public GroupMigrationPolicy GroupMigration { get; set; } = GroupMigrationPolicy.Bidirectional;

    /// <summary>The level of the feature <c>transaction.version</c>: 2 for transactions as of Kafka 4 (KIP-890), 0 for those before.</summary>
    /// <value>2. From 0 to 2; <see cref="TestCluster.TransactionVersion"/> changes it while the cluster runs.</value>
    public short TransactionVersion { get; set; } = HighestTransactionVersion;

    /// <summary>The longest time-out of transactions that a producer may ask for.</summary>
    /// <value>15 min.</value>
    /// <remarks>Kafka calls this <c>transaction.max.timeout.ms</c>; a longer one is refused with INVALID_TRANSACTION_TIMEOUT.</remarks>
    public TimeSpan TransactionMaxTimeout { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>Whether leaders ask the coordinator of a transaction before they store its batches, and refuse those of partitions that were not enrolled.</summary>
    /// <value><see langword="true"/>. <see langword="false"/> is how brokers before Kafka 3.6 are.</value>
    /// <remarks>Kafka calls this <c>transaction.partition.verification.enable</c> (KIP-890 part 1).</remarks>
    public bool TransactionPartitionVerification { get; set; } = true;

    /// <summary>How many requests of each API are kept for <see cref="TestCluster.Received"/>; the oldest go first.</summary>
    /// <value>10,000.</value>
    public int MaxReceivedRequests { get; set; } = 10_000;

    /// <summary>How many bytes of requests of each API are kept for <see cref="TestCluster.Received"/>; the oldest go first.</summary>
    /// <value>16 MiB.</value>
    public long MaxReceivedBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>The clock of the brokers: long polls, session time-outs, log append time, delays.</summary>
    /// <value><see cref="TimeProvider.System"/>.</value>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>From which cluster id, topic ids and the like are drawn: the same seed gives the same ids.</summary>
    /// <value>1.</value>
    public int Seed { get; set; } = 1;

    /// <summary>The codecs that brokers look into compressed batches with. Batches of other codecs are checked by their header alone.</summary>
    /// <value><see cref="CompressionCodecs.Default"/>.</value>
    public CompressionCodecs Codecs { get; set; } = CompressionCodecs.Default;

    /// <summary>TLS, SASL and rules on the brokers' listeners.</summary>
    /// <value>None.</value>
    public TestSecurityOptions Security { get; set; } = new();

    internal TestClusterOptions Copy()
    {
        var copy = (TestClusterOptions)MemberwiseClone();
        copy.Security = (Security ?? new TestSecurityOptions()).Copy();
        return copy;
    }

    internal void Validate(int brokers)
    {
        var faults = new List<string>();
        Check(brokers is >= 1 and <= 1000, "the number of brokers must be from 1 to 1,000");
        Check(System.Net.IPAddress.TryParse(Host, out _), $"{nameof(Host)} must be an IP address");
        Check(Ports.Count == 0 || Ports.Count == brokers, $"{nameof(Ports)} must name a port for each broker, or none");
        Check(Ports.All(port => port is >= 0 and <= 65535), $"{nameof(Ports)} must be from 0 to 65535");
        Check(FirstPort >= 0 && FirstPort + brokers - 1 <= 65535, $"{nameof(FirstPort)} must leave ports up to 65535 for all brokers");
        Check(DefaultPartitions >= 1, $"{nameof(DefaultPartitions)} must be positive");
        Check(DefaultReplicationFactor >= 1, $"{nameof(DefaultReplicationFactor)} must be positive");
        Check(MaxRequestBytes >= 1024, $"{nameof(MaxRequestBytes)} must be at least 1,024");
        Check(LogDirs is { Count: > 0 } && LogDirs.Distinct().Count() == LogDirs.Count, $"{nameof(LogDirs)} must name at least one directory, each once");
        Check(LogRetentionCheckInterval > TimeSpan.Zero, $"{nameof(LogRetentionCheckInterval)} must be positive");
        Check(MaxMessageBytes >= 0, $"{nameof(MaxMessageBytes)} must not be negative");
        Check(MaxFetchBytes >= 1024, $"{nameof(MaxFetchBytes)} must be at least 1,024");
        Check(GroupInitialRebalanceDelay >= TimeSpan.Zero, $"{nameof(GroupInitialRebalanceDelay)} must not be negative");
        Check(GroupMinSessionTimeout >= TimeSpan.Zero, $"{nameof(GroupMinSessionTimeout)} must not be negative");
        Check(GroupMaxSessionTimeout > TimeSpan.Zero && GroupMaxSessionTimeout >= GroupMinSessionTimeout, $"{nameof(GroupMaxSessionTimeout)} must not be below {nameof(GroupMinSessionTimeout)}");
        Check(GroupMaxSize >= 1, $"{nameof(GroupMaxSize)} must be positive");
        Check(ConsumerGroupHeartbeatInterval > TimeSpan.Zero, $"{nameof(ConsumerGroupHeartbeatInterval)} must be positive");
        Check(
            ConsumerGroupSessionTimeout > ConsumerGroupHeartbeatInterval && ConsumerGroupSessionTimeout.TotalMilliseconds <= int.MaxValue,
            $"{nameof(ConsumerGroupSessionTimeout)} must be longer than {nameof(ConsumerGroupHeartbeatInterval)}, and at most 24 days");
        Check(TransactionVersion is >= 0 and <= HighestTransactionVersion, $"{nameof(TransactionVersion)} must be from 0 to {HighestTransactionVersion}");
        Check(TransactionMaxTimeout > TimeSpan.Zero, $"{nameof(TransactionMaxTimeout)} must be positive");
        Check(MaxReceivedRequests >= 0 && MaxReceivedBytes >= 0, $"{nameof(MaxReceivedRequests)} and {nameof(MaxReceivedBytes)} must not be negative");
        Check(TimeProvider is not null && Codecs is not null, $"{nameof(TimeProvider)} and {nameof(Codecs)} must be set");
        faults.AddRange(Security.Faults());
        if (faults.Count > 0)
        {
            throw new ArgumentException($"The cluster cannot start: {string.Join("; ", faults)}.");
        }

        void Check(bool isGood, string fault)
        {
            if (!isGood)
            {
                faults.Add(fault);
            }
        }
    }

    internal bool AllowsSessionTimeout(int milliseconds) =>
        milliseconds > 0 && milliseconds >= GroupMinSessionTimeout.TotalMilliseconds && milliseconds <= GroupMaxSessionTimeout.TotalMilliseconds;

    internal int PortOf(int index) => Ports.Count > 0 ? Ports[index] : FirstPort == 0 ? 0 : FirstPort + index;
}
