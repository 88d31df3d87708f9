using Milena.Kafka.Protocol;

namespace Milena.Kafka.Producer.Internal.Transactions;

/// <summary>Words the exceptions that end transactions and their producers.</summary>
internal static class TransactionFaults
{
    /// <summary>A commit that was asked for and not confirmed.</summary>
    public static TransactionException Unknown(string id, KafkaException failure) => new(
        TransactionOutcome.Unknown,
        failure.Code,
        $"It is not known whether the transaction of '{id}' was committed: the coordinator was asked to, and did not say. {failure.Message} Before its work is done again, look at what readers of committed records see.",
        failure);

    /// <summary>What ends a producer.</summary>
    public static KafkaException Fatal(string id, TimeSpan timeout, TransactionStep step, TransactionVerdict verdict, KafkaException failure) =>
        verdict switch
        {
            TransactionVerdict.Fenced => new ProducerFencedException(
                failure.Code,
                $"The producer of the transactional id '{id}' is fenced, as {step} was told: another producer with this id has taken over, or a transaction took longer than TransactionTimeout ({timeout.TotalSeconds:0.###} s). Dispose it; see that each process has a TransactionalId of its own. {failure.Message}",
                failure),
            _ when failure is UnsupportedVersionException => new UnsupportedVersionException(Ended(id, timeout, failure), failure),
            _ => new KafkaException(failure.Code, Ended(id, timeout, failure), failure),
        };

    /// <summary>What a producer is told that may not use its transactional id.</summary>
    public static AuthorizationException Denied(string id, KafkaException failure) =>
        new(failure.Code, $"{failure.Message} Grant its principal WRITE and DESCRIBE on the transactional id '{id}', and begin again.") { ResourceName = id, Operation = AclOperation.Write };

    private static string Ended(string id, TimeSpan timeout, KafkaException failure) =>
        $"The producer of the transactional id '{id}' cannot go on: {failure.Message} {AdviceFor(failure.Code, timeout)}";

    private static string AdviceFor(ErrorCode code, TimeSpan timeout) => code switch
    {
        ErrorCode.InvalidTransactionTimeout => $"TransactionTimeout ({timeout.TotalSeconds:0.###} s) is above the brokers' transaction.max.timeout.ms; lower it.",
        ErrorCode.TransactionalIdAuthorizationFailed => "Its principal needs the right to write and describe this transactional id.",
        _ => "Dispose it and make a new one.",
    };
}
