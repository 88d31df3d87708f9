using Milena.Kafka.Protocol;
using static Milena.Kafka.Protocol.ErrorCode;

namespace Milena.Kafka.Tests.Consumer.Groups;

/// <summary>What a user is told of each error code, request by request: written down apart from the tables of the consumer.</summary>
internal static class FaultTable
{
    /// <summary>The exception that a loop ends with; null if the consumer settles it by itself.</summary>
    /// <param name="protocol">How the member speaks.</param>
    /// <param name="api">The request that was answered so.</param>
    /// <param name="isJoin">Whether it joins by it.</param>
    /// <param name="code">The answer.</param>
    public static Type? Told(GroupProtocol protocol, ApiKey api, bool isJoin, ErrorCode code)
    {
        if (code.IsRetriable() || Passes(protocol, api, isJoin, code))
        {
            return null;
        }

        bool isOfMembership = api is ApiKey.JoinGroup or ApiKey.SyncGroup or ApiKey.Heartbeat or ApiKey.ConsumerGroupHeartbeat or ApiKey.OffsetCommit;
        return code switch
        {
            FencedInstanceId when isOfMembership => typeof(FencedInstanceException),
            _ when code.Family() == ErrorFamily.Authorization => typeof(AuthorizationException),
            _ => isOfMembership ? typeof(GroupException) : typeof(KafkaException),
        };
    }

    private static bool Passes(GroupProtocol protocol, ApiKey api, bool isJoin, ErrorCode code) => api switch
    {
        ApiKey.LeaveGroup => true,

        // Logged, and tried again with the next commit; only what ends a membership is told.
        ApiKey.OffsetCommit => code is not FencedInstanceId && (protocol == GroupProtocol.Consumer || code is not (FencedMemberEpoch or StaleMemberEpoch or GroupIdNotFound)),

        // Logged, and asked again.
        ApiKey.Metadata => code != InvalidTopicException && code.Family() != ErrorFamily.Authorization,
        ApiKey.OffsetFetch => protocol == GroupProtocol.Consumer && code is FencedMemberEpoch or GroupIdNotFound or IllegalGeneration or StaleMemberEpoch or UnknownMemberId,

        // Logs of old formats have no times.
        ApiKey.ListOffsets => code == UnsupportedForMessageFormat,
        ApiKey.Fetch => code is OffsetOutOfRange or UnknownServerError,
        ApiKey.FindCoordinator => false,
        ApiKey.ConsumerGroupHeartbeat => IsRejoin(code) || code is FencedMemberEpoch or StaleMemberEpoch or UnreleasedInstanceId || (code == GroupIdNotFound && !isJoin),
        _ => IsRejoin(code) || (code == MemberIdRequired && isJoin),
    };

    private static bool IsRejoin(ErrorCode code) => code is UnknownServerError or UnknownMemberId or IllegalGeneration or RebalanceInProgress;
}
