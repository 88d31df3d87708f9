using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using static Milena.Kafka.Producer.Internal.Transactions.TransactionStep;
using static Milena.Kafka.Protocol.ErrorCode;

namespace Milena.Kafka.Producer.Internal.Transactions;

/// <summary>The one table from error code to what it means for a transaction, by the step at which it came.</summary>
internal static class TransactionErrors
{
    public static TransactionVerdict Sort(TransactionStep step, ErrorCode code) => (step, code) switch
    {
        (_, ProducerFenced) => TransactionVerdict.Fenced,

        // A partition can hear of a newer epoch through a marker of the coordinator's own abort; what that means only the coordinator knows.
        (Produce, InvalidProducerEpoch) => TransactionVerdict.Abortable,
        (_, InvalidProducerEpoch) => TransactionVerdict.Fenced,

        // The coordinator forgot the id, which was idle for long, and may have given it to another producer: KIP-1050 has the application make a new one.
        (_, InvalidProducerIdMapping) => TransactionVerdict.Fatal,

        // Nothing has begun: once the right is granted, or the brokers are newer, it may be tried again.
        (Init, TransactionalIdAuthorizationFailed or ClusterAuthorizationFailed or UnsupportedVersion) => TransactionVerdict.Abortable,
        (_, TransactionalIdAuthorizationFailed or ClusterAuthorizationFailed or TransactionalIdNotFound or UnsupportedVersion) => TransactionVerdict.Fatal,
        (Init, InvalidTransactionTimeout) or (CommitOffsets, UnsupportedForMessageFormat) => TransactionVerdict.Fatal,

        // It makes no sense to a coordinator that has heard of the producer before. To end what is not there only costs the transaction.
        (AddPartitions or AddOffsets or CommitOffsets or Init, InvalidTxnState) => TransactionVerdict.Fatal,

        // It is asked again: to end what has ended already does no harm.
        (End, UnknownServerError) => TransactionVerdict.Retry,

        // TRANSACTION_ABORTABLE, what concerns one topic or group, broken sequences, and what is not known here: the abort tells whether the producer can go on.
        _ => ActionOf(step, code) == RecoveryAction.Fail ? TransactionVerdict.Abortable : TransactionVerdict.Retry,
    };

    /// <summary>What an operation of a step does about an error.</summary>
    public static RecoveryAction Decide(TransactionStep step, ErrorCode code) => Sort(step, code) switch
    {
        TransactionVerdict.Retry => ActionOf(step, code),
        _ => RecoveryAction.Fail,
    };

    /// <summary>Whether a coordinator that answers so to the request to commit has surely not committed, and will not.</summary>
    public static bool IsSureRefusal(ErrorCode code) => code is ConcurrentTransactions or CoordinatorLoadInProgress || Sort(End, code) != TransactionVerdict.Retry;

    /// <summary>Whether the end of a transaction failed without the coordinator's word on it: it was not reached, or not ready, in time.</summary>
    public static bool IsUnheard(KafkaException failure) => failure.Code == None || Sort(End, failure.Code) == TransactionVerdict.Retry;

    /// <summary>Whether a transaction may run on whose end failed so: it was not heard of, or refused for a reason other than that there is no such transaction.</summary>
    public static bool LeavesOpen(KafkaException failure) => IsUnheard(failure) || (Sort(End, failure.Code) == TransactionVerdict.Abortable && failure.Code != InvalidTxnState);

    private static RecoveryAction ActionOf(TransactionStep step, ErrorCode code) => (step, code) switch
    {
        (End, UnknownServerError) => RecoveryAction.Retry,

        // The last word on membership is the consumer's; the transaction is lost.
        (_, RebalanceInProgress or IllegalGeneration or UnknownMemberId or FencedMemberEpoch or MemberIdRequired or FencedInstanceId) => RecoveryAction.Fail,
        _ => Recovery.Decide(code) is var action and (RecoveryAction.Retry or RecoveryAction.RetrySoon or RecoveryAction.RefreshMetadata or RecoveryAction.FindCoordinator)
            ? action
            : RecoveryAction.Fail,
    };
}
