using Milena.Kafka.Protocol;
using static Milena.Kafka.Protocol.ErrorCode;

namespace Milena.Kafka.ExactlyOnce.Internal;

/// <summary>The one table of what failures of the cluster mean for an exactly-once loop.</summary>
internal static class LoopErrors
{
    /// <summary>Whether the offsets were refused since the partitions are, or may be, another member's.</summary>
    public static bool IsOfMembership(ErrorCode code) =>
        code is RebalanceInProgress or IllegalGeneration or UnknownMemberId or FencedInstanceId or StaleMemberEpoch or FencedMemberEpoch or GroupIdNotFound;

    /// <summary>Whether another transaction with the same records may succeed.</summary>
    public static bool MayHeal(KafkaException failure) => failure switch
    {
        ProducerFencedException => false,
        TransactionException { InnerException: KafkaException cause } => MayHeal(cause),
        DeliveryException { Code: None } => true,
        _ => failure.IsRetriable || IsOfMembership(failure.Code) || IsEndOfTransaction(failure.Code),
    };

    /// <summary>What a loop ends with whose commit was refused; null if it goes on.</summary>
    public static Exception? EndOf(TransactionException refused) => refused switch
    {
        _ when MayHeal(refused) => null,
        _ when refused.GetBaseException() is ObjectDisposedException disposed => disposed,
        { InnerException: UnsupportedVersionException or AuthorizationException } => refused.InnerException,
        _ => refused,
    };

    /// <summary>Whether what the handler threw is a failure of the cluster to store its records, which is no matter of the handler's.</summary>
    public static bool IsOfOutput(Exception thrown) => thrown is TransactionException or DeliveryException or BufferExhaustedException && MayHeal((KafkaException)thrown);

    /// <summary>The transaction is lost, but the producer goes on with another.</summary>
    private static bool IsEndOfTransaction(ErrorCode code) => code is
        TransactionAbortable or InvalidTxnState or InvalidProducerIdMapping or UnknownProducerId or InvalidProducerEpoch or OutOfOrderSequenceNumber or DuplicateSequenceNumber or UnknownServerError;
}
