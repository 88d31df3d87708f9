using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using static Milena.Kafka.Protocol.ErrorCode;

namespace Milena.Kafka.Consumer.Internal.Groups;

/// <summary>What the error codes of the classic group protocol mean; all that is not special to it is in <see cref="Recovery"/>.</summary>
internal static class ClassicErrors
{
    public static MembershipAction Decide(ApiKey api, ErrorCode error) => (api, error) switch
    {
        (_, None) => MembershipAction.None,
        (_, FencedInstanceId) => MembershipAction.Fenced,
        (_, CoordinatorNotAvailable or NotCoordinator) => MembershipAction.FindCoordinator,
        (_, UnknownMemberId) => MembershipAction.LoseMembership,
        (_, IllegalGeneration) => MembershipAction.LoseGeneration,
        (ApiKey.JoinGroup, MemberIdRequired) => MembershipAction.TakeMemberId,
        (ApiKey.JoinGroup, RebalanceInProgress) => MembershipAction.Retry,
        (_, RebalanceInProgress) => MembershipAction.Rejoin,

        // The coordinator reads its log; heartbeats may be missed meanwhile, the session goes on.
        (_, CoordinatorLoadInProgress) => MembershipAction.Retry,

        // A broker in trouble may recover; a member that ends for it would have to be started again by hand.
        (_, UnknownServerError) => MembershipAction.Retry,
        _ => Recovery.Decide(error) switch
        {
            RecoveryAction.Retry or RecoveryAction.RetrySoon => MembershipAction.Retry,
            RecoveryAction.FindCoordinator or RecoveryAction.RefreshMetadata => MembershipAction.FindCoordinator,
            _ => MembershipAction.Fail,
        },
    };

    /// <summary>What the user is told.</summary>
    public static KafkaException Exception(string groupId, ErrorCode error)
    {
        string message = $"Group '{groupId}': {error.Meaning()} ({error.Name()})";
        string advice = error switch
        {
            InconsistentGroupProtocol => "Its members offer other assignors, or it is no group of consumers. Offer one that all of them know, see Assignors.",
            InvalidSessionTimeout => "The brokers allow SessionTimeout only between group.min.session.timeout.ms and group.max.session.timeout.ms.",
            GroupMaxSizeReached => "Raise group.max.size of the brokers, or run fewer consumers.",
            InvalidGroupId => "Choose another GroupId.",
            _ => "Reading on tries again.",
        };
        return error.Family() == ErrorFamily.Authorization
            ? new AuthorizationException(error, $"{message} Grant this principal READ on group '{groupId}'.") { ResourceName = groupId, Operation = AclOperation.Read }
            : new GroupException(groupId, error, $"{message} {advice}");
    }
}
