using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Producer.Internal.Transactions;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Tests.Producer.Transactions;

public class TransactionErrorsTests
{
    [Test]
    public void A_newer_producer_fences_at_every_step([Values] bool isOldCode)
    {
        ErrorCode code = isOldCode ? ErrorCode.InvalidProducerEpoch : ErrorCode.ProducerFenced;
        foreach (TransactionStep step in Enum.GetValues<TransactionStep>())
        {
            TransactionVerdict expected = isOldCode && step == TransactionStep.Produce ? TransactionVerdict.Abortable : TransactionVerdict.Fenced;
            Assert.That(TransactionErrors.Sort(step, code), Is.EqualTo(expected), $"{step}");
        }
    }

    [TestCase("Init", ErrorCode.InvalidTransactionTimeout, "Fatal")]
    [TestCase("Init", ErrorCode.CoordinatorNotAvailable, "Retry")]
    [TestCase("Init", ErrorCode.ConcurrentTransactions, "Retry")]
    [TestCase("AddPartitions", ErrorCode.TopicAuthorizationFailed, "Abortable")]
    [TestCase("AddPartitions", ErrorCode.OperationNotAttempted, "Abortable")]
    [TestCase("AddPartitions", ErrorCode.UnknownTopicOrPartition, "Retry")]
    [TestCase("AddPartitions", ErrorCode.InvalidTxnState, "Fatal")]
    [TestCase("AddPartitions", ErrorCode.TransactionalIdAuthorizationFailed, "Fatal")]
    [TestCase("AddPartitions", ErrorCode.InvalidProducerIdMapping, "Fatal")]
    [TestCase("Produce", ErrorCode.InvalidProducerIdMapping, "Fatal")]
    [TestCase("End", ErrorCode.InvalidProducerIdMapping, "Fatal")]
    [TestCase("AddPartitions", ErrorCode.UnknownProducerId, "Abortable")]
    [TestCase("Init", ErrorCode.TransactionalIdAuthorizationFailed, "Abortable")]
    [TestCase("Init", ErrorCode.ClusterAuthorizationFailed, "Abortable")]
    [TestCase("Init", ErrorCode.UnsupportedVersion, "Abortable")]
    [TestCase("Produce", ErrorCode.ClusterAuthorizationFailed, "Fatal")]
    [TestCase("Produce", ErrorCode.UnsupportedVersion, "Fatal")]
    [TestCase("CommitOffsets", ErrorCode.UnsupportedForMessageFormat, "Fatal")]
    [TestCase("CommitOffsets", ErrorCode.UnknownTopicOrPartition, "Retry")]
    [TestCase("End", ErrorCode.TransactionalIdAuthorizationFailed, "Fatal")]
    [TestCase("Produce", ErrorCode.TransactionAbortable, "Abortable")]
    [TestCase("Produce", ErrorCode.InvalidTxnState, "Abortable")]
    [TestCase("Produce", ErrorCode.OutOfOrderSequenceNumber, "Abortable")]
    [TestCase("AddOffsets", ErrorCode.GroupAuthorizationFailed, "Abortable")]
    [TestCase("CommitOffsets", ErrorCode.IllegalGeneration, "Abortable")]
    [TestCase("CommitOffsets", ErrorCode.UnknownMemberId, "Abortable")]
    [TestCase("CommitOffsets", ErrorCode.FencedInstanceId, "Abortable")]
    [TestCase("CommitOffsets", ErrorCode.StaleMemberEpoch, "Abortable")]
    [TestCase("CommitOffsets", ErrorCode.NotCoordinator, "Retry")]
    [TestCase("End", ErrorCode.UnknownServerError, "Retry")]
    [TestCase("End", ErrorCode.TransactionAbortable, "Abortable")]
    [TestCase("End", ErrorCode.InvalidTxnState, "Abortable")]
    [TestCase("End", ErrorCode.NotCoordinator, "Retry")]
    [TestCase("AddPartitions", (ErrorCode)9999, "Abortable")]
    public void Each_error_has_one_meaning_at_each_step(string step, ErrorCode code, string expected) =>
        Assert.That($"{TransactionErrors.Sort(Enum.Parse<TransactionStep>(step), code)}", Is.EqualTo(expected));

    [Test]
    public void The_operations_retry_what_the_table_calls_retry_and_nothing_else()
    {
        foreach (TransactionStep step in Enum.GetValues<TransactionStep>())
        {
            foreach (ErrorCode code in Enum.GetValues<ErrorCode>().Where(c => c != ErrorCode.None))
            {
                bool isRetried = TransactionErrors.Decide(step, code) is RecoveryAction.Retry or RecoveryAction.RetrySoon or RecoveryAction.FindCoordinator or RecoveryAction.RefreshMetadata;
                Assert.That(isRetried, Is.EqualTo(TransactionErrors.Sort(step, code) == TransactionVerdict.Retry), $"{step} {code}");
            }
        }
    }

    [Test]
    public void A_running_end_of_the_transaction_before_is_waited_for_in_milliseconds() =>
        Assert.That(TransactionErrors.Decide(TransactionStep.AddPartitions, ErrorCode.ConcurrentTransactions), Is.EqualTo(RecoveryAction.RetrySoon));
}
