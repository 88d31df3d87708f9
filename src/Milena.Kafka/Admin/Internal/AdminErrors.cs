using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Admin.Internal;

/// <summary>What administration makes of error codes otherwise than producers and consumers do.</summary>
internal static class AdminErrors
{
    /// <summary>How long a topic may be unknown to brokers until it counts as not there.</summary>
    public static readonly TimeSpan TopicPatience = TimeSpan.FromSeconds(1);

    /// <summary>A controller knows what there is: that a topic is unknown is the answer, and asking again would not change it.</summary>
    public static RecoveryAction Decide(ErrorCode error) =>
        error is ErrorCode.UnknownTopicOrPartition or ErrorCode.UnknownTopicId ? RecoveryAction.Fail : Recovery.Decide(error);

    /// <summary>Of topics that come and go: a quota that is used up may be the answer too.</summary>
    public static RecoveryAction Decide(ErrorCode error, bool retryOnQuotaViolation) =>
        error == ErrorCode.ThrottlingQuotaExceeded && !retryOnQuotaViolation ? RecoveryAction.Fail : Decide(error);
}
