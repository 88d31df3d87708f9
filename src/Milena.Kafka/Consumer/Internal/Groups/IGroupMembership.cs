using Milena.Kafka.Protocol;

namespace Milena.Kafka.Consumer.Internal.Groups;

/// <summary>
/// How a consumer is a member of its group: the classic protocol, or that of KIP-848. Decides only. Its shell asks <see cref="Next"/>, does that and
/// brings back what came of it; beside that it carries out one <see cref="Reconciliation"/> at a time.
/// </summary>
internal interface IGroupMembership
{
    /// <summary>Where it stands, for a person.</summary>
    string StateName { get; }

    /// <summary>As whom to commit, if <see cref="CommitGate"/> is open.</summary>
    GroupIdentity Identity { get; }

    CommitGate CommitGate { get; }

    /// <summary>Whether no partition is held, and none is on its way out.</summary>
    bool HoldsNothing { get; }

    /// <summary>What the shell has to do next; it does that before it asks again.</summary>
    GroupStep Next(TimeSpan now);

    /// <summary>A call, or the search for the coordinator, failed before there was an answer.</summary>
    void Failed(KafkaException failure, TimeSpan now);

    /// <summary>A call was given up since the membership is to end; what the broker did with it is not known.</summary>
    void Cancelled();

    void CoordinatorFound(int brokerId);

    /// <summary>Says what topics there are: those that <see cref="GroupStep.DescribeTopics"/> asked for, or more.</summary>
    void TopicsDescribed(IReadOnlyDictionary<string, AssignableTopic> topics);

    /// <summary>Metadata is newer than what the last assignment was made of.</summary>
    void MetadataChanged(IReadOnlyDictionary<string, AssignableTopic> topics);

    /// <summary>The coordinator did not take a commit, for a reason of membership.</summary>
    void CommitRefused(ErrorCode error, GroupIdentity identity, TimeSpan now);

    /// <summary>Subscribes to topics in place of those so far.</summary>
    void Subscribe(IReadOnlyList<string> topics);

    /// <summary>The next change of ownership to carry out; null if there is none, or one is under way.</summary>
    Reconciliation? TakeReconciliation();

    /// <summary>The change of ownership has been carried out.</summary>
    void Reconciled();

    /// <summary>What is worth a line in the log, once.</summary>
    string? TakeNote() => null;

    /// <summary>Why the member has joined a generation or got another assignment since it was asked last; null if it has not.</summary>
    RebalanceCause? TakeRebalance();

    /// <summary>What the user has to be told, once.</summary>
    KafkaException? TakeFault();

    /// <summary>The user has not come back for another record in time: leave until <see cref="Resume"/>.</summary>
    void PollExceeded();

    /// <summary>The user reads, or reads on.</summary>
    void Resume();

    /// <summary>Give up all partitions and leave.</summary>
    void Close();
}
