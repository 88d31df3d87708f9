using System.Text.RegularExpressions;
using Milena.Kafka.Common;
using Milena.Kafka.Consumer.Internal;
using Milena.Kafka.Protocol;

namespace Milena.Kafka;

/// <summary>How a consumer reads. Copied when the consumer is made.</summary>
public sealed class ConsumerOptions
{
    private static readonly TimeSpan DefaultSessionTimeout = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan DefaultHeartbeatInterval = TimeSpan.FromSeconds(3);

    /// <summary>The group whose members share the partitions of <see cref="Topics"/> and whose offsets are committed.</summary>
    /// <value>Null: no group; partitions are assigned by hand and nothing can be committed.</value>
    /// <remarks>Kafka calls this <c>group.id</c>.</remarks>
    public string? GroupId { get; set; }

    /// <summary>A name for this member that survives its restarts (KIP-345): it does not leave on close, and gets its partitions back without a rebalance if it returns within <see cref="SessionTimeout"/>.</summary>
    /// <value>Null: a dynamic member. Each running consumer of a group needs a name of its own.</value>
    /// <remarks>Kafka calls this <c>group.instance.id</c>.</remarks>
    public string? GroupInstanceId { get; set; }

    /// <summary>The topics to subscribe to as a member of the group.</summary>
    /// <value>None: partitions are assigned by hand.</value>
    /// <remarks>No Kafka property; the argument of <c>subscribe</c> in Java.</remarks>
    public IList<string> Topics { get; private set; } = [];

    /// <summary>Subscribes to all topics whose whole name matches, also to those that come later. Looked up every <see cref="KafkaClientOptions.MetadataMaxAge"/>.</summary>
    /// <value>Null: only <see cref="Topics"/>.</value>
    /// <remarks>No Kafka property; <c>subscribe</c> with a <c>Pattern</c> in Java.</remarks>
    public Regex? TopicPattern { get; set; }

    /// <summary>Subscribes to all topics whose whole name matches, as the brokers see it: they evaluate the pattern, also for topics that come later.</summary>
    /// <value>Null: none. Otherwise in the syntax of RE2, which has no look-around and no back references.</value>
    /// <remarks>No Kafka property; <c>subscribe</c> with a <c>SubscriptionPattern</c> in Java. Only the new protocol knows it (ConsumerGroupHeartbeat version 1, Kafka 4.0), so not with <see cref="GroupProtocol.Classic"/>.</remarks>
    public string? RemoteTopicPattern { get; set; }

    /// <summary>The protocol by which the group is kept.</summary>
    /// <value><see cref="GroupProtocol.Auto"/>.</value>
    /// <remarks>Kafka calls this <c>group.protocol</c>.</remarks>
    public GroupProtocol GroupProtocol { get; set; }

    /// <summary>Which assignor of the brokers shares out the partitions, such as <c>uniform</c> or <c>range</c> (KIP-848). The brokers go by what most members ask for.</summary>
    /// <value>Null: the first that the brokers are set to.</value>
    /// <remarks>Kafka calls this <c>group.remote.assignor</c>. Not with <see cref="GroupProtocol.Classic"/>, which goes by <see cref="Assignors"/>.</remarks>
    public string? GroupRemoteAssignor { get; set; }

    /// <summary>How long the group waits for a heartbeat of this member before it gives its partitions to others.</summary>
    /// <value>45 s. The brokers allow 6 s to 30 min, unless they are set otherwise.</value>
    /// <remarks>Kafka calls this <c>session.timeout.ms</c>. Classic protocol only; in the new one the brokers decide (<c>group.consumer.session.timeout.ms</c>), so
    /// <see cref="GroupProtocol.Consumer"/> refuses another value than the default, and <see cref="GroupProtocol.Auto"/> does without it there.</remarks>
    public TimeSpan SessionTimeout { get; set; } = DefaultSessionTimeout;

    /// <summary>How often a heartbeat is sent, whatever the program does with records meanwhile.</summary>
    /// <value>3 s. No more than a third of <see cref="SessionTimeout"/> is sensible.</value>
    /// <remarks>Kafka calls this <c>heartbeat.interval.ms</c>. Classic protocol only; in the new one the brokers decide (<c>group.consumer.heartbeat.interval.ms</c>), so
    /// <see cref="GroupProtocol.Consumer"/> refuses another value than the default, and <see cref="GroupProtocol.Auto"/> does without it there.</remarks>
    public TimeSpan HeartbeatInterval { get; set; } = DefaultHeartbeatInterval;

    /// <summary>How long the loop may be busy with one record or batch. Then its partitions go to others, <see cref="Consumer{TKey, TValue}.ProcessingToken"/> is set off, and the
    /// member joins again once the loop comes back. A warning is logged at two thirds.</summary>
    /// <value>5 min.</value>
    /// <remarks>Kafka calls this <c>max.poll.interval.ms</c>.</remarks>
    public TimeSpan MaxPollInterval { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long the group waits for its members to join when it rebalances, and how long a rebalance listener may take.</summary>
    /// <value>Null: as long as <see cref="MaxPollInterval"/>.</value>
    /// <remarks>No Kafka property: Java always takes <c>max.poll.interval.ms</c> for it.</remarks>
    public TimeSpan? RebalanceTimeout { get; set; }

    /// <summary>How partitions are shared out, by preference. The group takes one that all members know; partitions are kept through a rebalance only if all of these are cooperative.</summary>
    /// <value>Range, then cooperative-sticky: as Java, so that members of both get along.</value>
    /// <remarks>Kafka calls this <c>partition.assignment.strategy</c>. To change it without a stop: add the new one behind the old in all members, then take the old one out.
    /// Classic protocol only: <see cref="GroupProtocol.Consumer"/> refuses others than the default, and <see cref="GroupProtocol.Auto"/> keeps to the classic protocol for
    /// their sake, unless <see cref="GroupRemoteAssignor"/> says what to take in the new one.</remarks>
    public IList<IPartitionAssignor> Assignors { get; private set; } = [PartitionAssignors.Range, PartitionAssignors.CooperativeSticky];

    /// <summary>When offsets are committed by themselves.</summary>
    /// <value><see cref="AutoCommitMode.AtLeastOnce"/>: only what the loop has finished.</value>
    /// <remarks>Kafka calls this <c>enable.auto.commit</c>.</remarks>
    public AutoCommitMode AutoCommit { get; set; }

    /// <summary>How often finished offsets are committed, beside on revocation and close.</summary>
    /// <value>5 s.</value>
    /// <remarks>Kafka calls this <c>auto.commit.interval.ms</c>.</remarks>
    public TimeSpan AutoCommitInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Where to start in a partition for which the group has no committed offset.</summary>
    /// <value><see cref="StartPosition.Beginning"/>: no record that exists is missed. Null fails with a <see cref="NoCommittedOffsetException"/>. Kafka's default is the end, which skips what was stored before.</value>
    /// <remarks>Kafka calls this <c>auto.offset.reset</c>; for positions that are not in the log, see <see cref="OutOfRange"/>.</remarks>
    public StartPosition? AutoOffsetReset { get; set; } = StartPosition.Beginning;

    /// <summary>Told when the group gives or takes partitions.</summary>
    /// <value>Null: nobody.</value>
    /// <remarks>No Kafka property; the <c>ConsumerRebalanceListener</c> of <c>subscribe</c> in Java.</remarks>
    public IRebalanceListener? RebalanceListener { get; set; }

    /// <summary>How long closing may take, with the last commit, the rebalance listener and leaving the group.</summary>
    /// <value>30 s. The end of a rebalance, the last commit and the listener may take a quarter of it each, so that some is left to leave.</value>
    /// <remarks>No Kafka property; the time-out of <c>close</c> in Java.</remarks>
    public TimeSpan CloseTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Where to go on when a position is not in the log: older than what retention left, or newer than the end.</summary>
    /// <value>
    /// <see cref="StartPosition.Beginning"/>: no record that still exists is missed, and some may come a second time. With <see cref="StartPosition.End"/>, or
    /// <see cref="StartPosition.Ago"/> (KIP-1106) where records are older, what lies between is missed. Null ends the reading with an <see cref="OffsetOutOfRangeException"/>; the caller decides
    /// and seeks. Kafka's default is the end, which skips unread records without a word.
    /// </value>
    /// <remarks>Kafka calls this <c>auto.offset.reset</c>, as it does <see cref="AutoOffsetReset"/>. Each case is logged as a warning. An offset, or the committed one, may itself not be in the log, and is refused.</remarks>
    public StartPosition? OutOfRange { get; set; } = StartPosition.Beginning;

    /// <summary>What happens with a record whose key or value cannot be read.</summary>
    /// <value><see cref="PoisonPolicy.Throw"/>: the reading ends with a <see cref="SerializationException"/> that carries the record.</value>
    /// <remarks>No Kafka property.</remarks>
    public PoisonPolicy PoisonRecords { get; set; } = PoisonPolicy.Throw;

    /// <summary>Whether records of aborted and unfinished transactions are handed out.</summary>
    /// <value><see cref="IsolationLevel.ReadUncommitted"/>.</value>
    /// <remarks>Kafka calls this <c>isolation.level</c>.</remarks>
    public IsolationLevel IsolationLevel { get; set; } = IsolationLevel.ReadUncommitted;

    /// <summary>How long a broker waits for <see cref="FetchMinBytes"/> before it answers with less.</summary>
    /// <value>500 ms. It is no delay: records that arrive meanwhile are sent at once.</value>
    /// <remarks>Kafka calls this <c>fetch.max.wait.ms</c>.</remarks>
    public TimeSpan FetchMaxWait { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How many bytes a broker waits for, at most <see cref="FetchMaxWait"/>.</summary>
    /// <value>1: whatever there is.</value>
    /// <remarks>Kafka calls this <c>fetch.min.bytes</c>.</remarks>
    public int FetchMinBytes { get; set; } = 1;

    /// <summary>The most bytes of one answer of one broker. A first batch that is larger is sent all the same.</summary>
    /// <value>50 MiB.</value>
    /// <remarks>Kafka calls this <c>fetch.max.bytes</c>.</remarks>
    public int FetchMaxBytes { get; set; } = 50 * 1024 * 1024;

    /// <summary>The most bytes of one partition in one answer. A first batch that is larger is sent all the same.</summary>
    /// <value>1 MiB. Up to three times as much is kept ready per partition.</value>
    /// <remarks>Kafka calls this <c>max.partition.fetch.bytes</c>.</remarks>
    public int MaxPartitionFetchBytes { get; set; } = 1024 * 1024;

    /// <summary>How often the consumer looks whether it moves. A partition that has not for two looks, though it has something to read, or a membership that has not settled, is told in the log with all that is
    /// known about the cause.</summary>
    /// <value>30 s.</value>
    /// <remarks>No Kafka property.</remarks>
    public TimeSpan StatusInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How many bytes of records the consumer fetches ahead, over all partitions. Shared out evenly among the brokers that it reads from.</summary>
    /// <value>64 MiB. Exceeded only by a single batch that is larger than a broker's share.</value>
    /// <remarks>No Kafka property; librdkafka calls this <c>queued.max.messages.kbytes</c>.</remarks>
    public long QueuedMaxBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>Whether the checksum of each batch is verified.</summary>
    /// <value><see langword="true"/>. It costs about 0.1 ns a byte.</value>
    /// <remarks>Kafka calls this <c>check.crcs</c>.</remarks>
    public bool CheckCrcs { get; set; } = true;

    /// <summary>Where this consumer stands, as brokers name racks; they may then send it to a replica nearby (KIP-392).</summary>
    /// <value>Empty: always the leader.</value>
    /// <remarks>Kafka calls this <c>client.rack</c>.</remarks>
    public string RackId { get; set; } = "";

    internal bool IsSubscribed => Topics.Count > 0 || TopicPattern is not null || RemoteTopicPattern is not null;

    /// <summary>The protocol that the other options leave room for.</summary>
    internal GroupProtocol EffectiveGroupProtocol =>
        GroupProtocol == GroupProtocol.Auto && !HasDefaultAssignors && GroupRemoteAssignor is null && RemoteTopicPattern is null ? GroupProtocol.Classic : GroupProtocol;

    private bool HasDefaultAssignors => Assignors.SequenceEqual([PartitionAssignors.Range, PartitionAssignors.CooperativeSticky]);

    internal TimeSpan EffectiveRebalanceTimeout => RebalanceTimeout ?? MaxPollInterval;

    internal ConsumerOptions Clone()
    {
        var copy = (ConsumerOptions)MemberwiseClone();
        copy.Topics = [.. Topics];
        copy.Assignors = [.. Assignors];
        return copy;
    }

    internal void Validate() => new OptionFaults(nameof(ConsumerOptions))
        .Require(GroupId is null || GroupId.Length > 0, "GroupId is empty; leave it null for no group.")
        .Require(GroupId is not null || !IsSubscribed, "Topics or TopicPattern is set, but no GroupId: only members of a group subscribe.")
        .Require(GroupId is not null || GroupInstanceId is null, "GroupInstanceId is set, but no GroupId.")
        .Require(GroupInstanceId is null || GroupInstanceId.Length > 0, "GroupInstanceId is empty; leave it null for a dynamic member.")
        .Require(Topics.All(t => !string.IsNullOrEmpty(t)), "Topics holds an empty name.")
        .Require(Enum.IsDefined(GroupProtocol), $"GroupProtocol is {GroupProtocol}, which is none.")
        .Require(GroupProtocol != GroupProtocol.Consumer || SessionTimeout == DefaultSessionTimeout, "SessionTimeout is set, but with GroupProtocol Consumer the brokers decide (group.consumer.session.timeout.ms).")
        .Require(GroupProtocol != GroupProtocol.Consumer || HeartbeatInterval == DefaultHeartbeatInterval, "HeartbeatInterval is set, but with GroupProtocol Consumer the brokers decide (group.consumer.heartbeat.interval.ms).")
        .Require(GroupProtocol != GroupProtocol.Consumer || HasDefaultAssignors, "Assignors is changed, but with GroupProtocol Consumer the brokers share out the partitions; see GroupRemoteAssignor.")
        .Require(GroupProtocol != GroupProtocol.Classic || GroupRemoteAssignor is null, "GroupRemoteAssignor is set, but with GroupProtocol Classic the members share out the partitions; see Assignors.")
        .Require(GroupProtocol != GroupProtocol.Classic || RemoteTopicPattern is null, "RemoteTopicPattern is set, but with GroupProtocol Classic brokers match no patterns; see TopicPattern.")
        .Require(RemoteTopicPattern is null || TopicPattern is null, "TopicPattern and RemoteTopicPattern are both set; choose who matches.")
        .Require(RemoteTopicPattern is null || RemoteTopicPattern.Length > 0, "RemoteTopicPattern is empty; leave it null for none.")
        .Require(GroupRemoteAssignor is null || GroupRemoteAssignor.Length > 0, "GroupRemoteAssignor is empty; leave it null for the brokers' first.")
        .RequirePositive(SessionTimeout, nameof(SessionTimeout))
        .RequirePositive(HeartbeatInterval, nameof(HeartbeatInterval))
        .Require(HeartbeatInterval < SessionTimeout, $"HeartbeatInterval is {HeartbeatInterval}; it must be below SessionTimeout, which is {SessionTimeout}.")
        .RequirePositive(MaxPollInterval, nameof(MaxPollInterval))
        .RequirePositive(EffectiveRebalanceTimeout, nameof(RebalanceTimeout))
        .Require(Assignors.Count > 0 || !IsSubscribed, "Assignors is empty; name at least one.")
        .Require(Assignors.All(a => a is not null && !string.IsNullOrEmpty(a.Name)), "Assignors holds null or one without a name.")
        .Require(Assignors.Select(a => a?.Name).Distinct().Count() == Assignors.Count, "Assignors holds two of the same name.")
        .Require(Enum.IsDefined(AutoCommit), $"AutoCommit is {AutoCommit}, which is no mode.")
        .RequirePositive(AutoCommitInterval, nameof(AutoCommitInterval))
        .Require(AutoOffsetReset != StartPosition.Committed, "AutoOffsetReset is the committed offset, which is what is missing then.")
        .RequirePositive(CloseTimeout, nameof(CloseTimeout))
        .Require(OutOfRange?.Kind is not (StartKind.Offset or StartKind.Committed), $"OutOfRange is {OutOfRange}, which may not be in the log either.")
        .Require(PoisonRecords is not null, "PoisonRecords is null; choose a policy.")
        .Require(Enum.IsDefined(IsolationLevel), $"IsolationLevel is {IsolationLevel}, which is none.")
        .RequireNotNegative(FetchMaxWait, nameof(FetchMaxWait))
        .Require(FetchMaxWait.TotalMilliseconds <= int.MaxValue, $"FetchMaxWait is {FetchMaxWait}; it must be below 24 days.")
        .RequirePositive(StatusInterval, nameof(StatusInterval))
        .Require(FetchMinBytes >= 0, $"FetchMinBytes is {FetchMinBytes}; it must not be negative.")
        .Require(FetchMaxBytes >= 1, $"FetchMaxBytes is {FetchMaxBytes}; it must be above zero.")
        .Require(MaxPartitionFetchBytes >= 1, $"MaxPartitionFetchBytes is {MaxPartitionFetchBytes}; it must be above zero.")
        .Require(QueuedMaxBytes >= 1, $"QueuedMaxBytes is {QueuedMaxBytes}; it must be above zero.")
        .Require(RackId is not null, "RackId is null.")
        .ThrowIfAny();
}
