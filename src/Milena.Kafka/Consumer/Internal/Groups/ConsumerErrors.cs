using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using static Milena.Kafka.Protocol.ErrorCode;

namespace Milena.Kafka.Consumer.Internal.Groups;

/// <summary>What the error codes of the KIP-848 group protocol mean; all that is not special to it is in <see cref="Recovery"/>.</summary>
internal static class ConsumerErrors
{
    /// <summary>Decides.</summary>
    /// <param name="error">The code.</param>
    /// <param name="isJoining">Whether it answers a heartbeat with epoch 0.</param>
    public static ConsumerAction Decide(ErrorCode error, bool isJoining) => error switch
    {
        None => ConsumerAction.None,
        FencedInstanceId => ConsumerAction.Fenced,
        UnreleasedInstanceId => ConsumerAction.AwaitInstance,
        CoordinatorNotAvailable or NotCoordinator => ConsumerAction.FindCoordinator,
        FencedMemberEpoch or UnknownMemberId or StaleMemberEpoch or IllegalGeneration => ConsumerAction.LoseMembership,

        // Who joins makes the group; so it exists, and is of the other protocol.
        GroupIdNotFound => isJoining ? ConsumerAction.RefuseProtocol : ConsumerAction.LoseMembership,
        UnsupportedVersion => ConsumerAction.RefuseProtocol,

        // The coordinator reads its log; heartbeats may be missed meanwhile, the session goes on.
        CoordinatorLoadInProgress or RebalanceInProgress => ConsumerAction.Retry,

        // A broker in trouble may recover; a member that ends for it would have to be started again by hand.
        UnknownServerError => ConsumerAction.Retry,
        _ => Recovery.Decide(error) switch
        {
            RecoveryAction.Retry or RecoveryAction.RetrySoon => ConsumerAction.Retry,
            RecoveryAction.FindCoordinator or RecoveryAction.RefreshMetadata => ConsumerAction.FindCoordinator,
            _ => ConsumerAction.Fail,
        },
    };

    /// <summary>What the user is told.</summary>
    /// <param name="groupId">The group.</param>
    /// <param name="error">The code.</param>
    /// <param name="detail">What the coordinator said beside it; null for nothing.</param>
    public static KafkaException Exception(string groupId, ErrorCode error, string? detail)
    {
        string message = $"Group '{groupId}': {(string.IsNullOrEmpty(detail) ? error.Meaning() : detail)} ({error.Name()})";
        string advice = error switch
        {
            UnsupportedVersion => "The cluster does not speak the consumer group protocol (KIP-848), or its feature group.version is off. Choose GroupProtocol Auto or Classic.",
            GroupIdNotFound => "The group has members of the classic protocol and group.consumer.migration.policy does not let it change. Choose GroupProtocol Auto or Classic, or stop those members first.",
            UnsupportedAssignor => "GroupRemoteAssignor must be one of group.consumer.assignors of the brokers; leave it null for their first.",
            InvalidRegularExpression => "RemoteTopicPattern is evaluated by the brokers, in the syntax of RE2.",
            UnreleasedInstanceId => "Another consumer runs with this GroupInstanceId, or one that crashed still counts until its session ends. Give each running consumer an instance id of its own. Reading on tries again.",
            GroupMaxSizeReached => "Raise group.consumer.max.size of the brokers, or run fewer consumers.",
            InvalidGroupId => "Choose another GroupId.",
            _ => "Reading on tries again.",
        };
        return error switch
        {
            TopicAuthorizationFailed => new AuthorizationException(error, $"{message} Grant this principal DESCRIBE on the topics that it subscribes to.") { Operation = AclOperation.Describe },
            _ when error.Family() == ErrorFamily.Authorization => new AuthorizationException(error, $"{message} Grant this principal READ on group '{groupId}'.") { ResourceName = groupId, Operation = AclOperation.Read },
            _ => new GroupException(groupId, error, $"{message} {advice}"),
        };
    }
}
