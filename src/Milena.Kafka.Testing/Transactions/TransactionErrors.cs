using Milena.Kafka.Protocol;

namespace Milena.Kafka.Testing.Transactions;

/// <summary>Turns what a coordinator says into what a version of an API has words for.</summary>
internal static class TransactionErrors
{
    /// <summary>To the owner of the transaction: before KIP-588 there was one error for all who are too old.</summary>
    public static ErrorCode ToOwner(ErrorCode error, short version, short firstVersionWithFenced) =>
        error == ErrorCode.ProducerFenced && version < firstVersionWithFenced ? ErrorCode.InvalidProducerEpoch : error;

    /// <summary>To Produce, which learns from the leader of a partition what the coordinator said.</summary>
    public static ErrorCode ToProduce(ErrorCode error, short version) => ToWriter(error, version, abortableSince: 11, enrolsSince: 12) switch
    {
        ErrorCode.ConcurrentTransactions when version >= 12 => ErrorCode.ConcurrentTransactions,

        // Older producers know no other error of this kind that they try again after without asking for metadata.
        ErrorCode.ConcurrentTransactions or ErrorCode.CoordinatorNotAvailable or ErrorCode.NotCoordinator => ErrorCode.NotEnoughReplicas,
        var other => other,
    };

    /// <summary>To TxnOffsetCommit, which learns from the coordinator of a group what the other coordinator said.</summary>
    public static ErrorCode ToOffsetCommit(ErrorCode error, short version) => ToWriter(error, version, abortableSince: 4, enrolsSince: 5) switch
    {
        ErrorCode.ConcurrentTransactions when version >= 5 => ErrorCode.ConcurrentTransactions,
        ErrorCode.ConcurrentTransactions or ErrorCode.NotCoordinator => ErrorCode.CoordinatorNotAvailable,
        var other => other,
    };

    private static ErrorCode ToWriter(ErrorCode error, short version, short abortableSince, short enrolsSince) => error switch
    {
        ErrorCode.ProducerFenced => ErrorCode.InvalidProducerEpoch,
        ErrorCode.TransactionAbortable when version < abortableSince || version >= enrolsSince => ErrorCode.InvalidTxnState,
        _ => error,
    };
}
