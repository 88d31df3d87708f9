using Milena.Kafka.Common;
using Milena.Kafka.Protocol;
using static Milena.Kafka.Protocol.ErrorCode;

namespace Milena.Kafka.Cluster.Internal;

/// <summary>The one table from error code to decision. Codes that are not named follow what the protocol tables say of them.</summary>
internal static class Recovery
{
    /// <summary>The pauses of <see cref="RecoveryAction.RetrySoon"/>.</summary>
    public static ExponentialBackoff SoonBackoff(Random random) => new(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(20), random);

    public static RecoveryAction Decide(ErrorCode code) => code switch
    {
        None => RecoveryAction.None,

        // The controller moved; metadata names the new one.
        NotController => RecoveryAction.RefreshMetadata,

        // A topic just made or just made anew is known to some brokers before others.
        UnknownTopicOrPartition or UnknownTopicId or InconsistentTopicId => RecoveryAction.RefreshMetadata,

        // The leader has not yet heard of the epoch that metadata told us, or the other way round (KIP-320).
        FencedLeaderEpoch or UnknownLeaderEpoch or OffsetNotAvailable => RecoveryAction.RefreshMetadata,

        // The markers of the transaction before are being written, which takes milliseconds.
        ConcurrentTransactions => RecoveryAction.RetrySoon,

        RebalanceInProgress or IllegalGeneration or UnknownMemberId or MemberIdRequired or FencedMemberEpoch => RecoveryAction.Rejoin,

        FencedInstanceId or ProducerFenced or InvalidProducerEpoch or InvalidProducerIdMapping or TransactionalIdAuthorizationFailed => RecoveryAction.Fatal,

        _ => code.Refresh() switch
        {
            ErrorRefresh.Metadata => RecoveryAction.RefreshMetadata,
            ErrorRefresh.Coordinator => RecoveryAction.FindCoordinator,
            _ => code.IsRetriable() ? RecoveryAction.Retry : RecoveryAction.Fail,
        },
    };
}
