using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Producer.Internal;
using Milena.Kafka.Producer.Internal.Transactions;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Tests.Producer.Transactions;

/// <summary>What may have been heeded without an answer that says so.</summary>
public class EndTransactionOperationTests
{
    private static readonly ProducerIdentity Identity = new(7, 3);

    [Test]
    public void Nothing_is_in_doubt_before_it_was_asked() => Assert.That(Operation().IsAmbiguous, Is.False);

    [Test]
    public void A_request_without_an_answer_is_in_doubt()
    {
        EndTransactionOperation operation = Operation();
        Ask(operation);

        Assert.That(operation.IsAmbiguous, Is.True);
    }

    [TestCase(ErrorCode.ProducerFenced, false)]
    [TestCase(ErrorCode.InvalidProducerEpoch, false)]
    [TestCase(ErrorCode.InvalidTxnState, false)]
    [TestCase(ErrorCode.InvalidProducerIdMapping, false)]
    [TestCase(ErrorCode.TransactionalIdAuthorizationFailed, false)]
    [TestCase(ErrorCode.TransactionAbortable, false)]
    [TestCase(ErrorCode.CoordinatorLoadInProgress, false)]
    [TestCase(ErrorCode.ConcurrentTransactions, false)]
    [TestCase(ErrorCode.NotCoordinator, true)]
    [TestCase(ErrorCode.CoordinatorNotAvailable, true)]
    [TestCase(ErrorCode.RequestTimedOut, true)]
    [TestCase(ErrorCode.UnknownServerError, true)]
    public void A_refusal_takes_the_doubt_away_unless_it_may_come_after_the_deed(ErrorCode error, bool isAmbiguous)
    {
        EndTransactionOperation operation = Operation();
        Ask(operation);
        Answer(operation, error);

        Assert.That(operation.IsAmbiguous, Is.EqualTo(isAmbiguous));
    }

    [Test]
    public void A_refusal_says_nothing_of_an_earlier_request_that_was_not_answered([Values(ErrorCode.ConcurrentTransactions, ErrorCode.ProducerFenced)] ErrorCode error)
    {
        EndTransactionOperation operation = Operation();
        Ask(operation);
        Ask(operation);
        Answer(operation, error);

        Assert.That(operation.IsAmbiguous, Is.True, "the first may be what the second met");
    }

    [TestCase(-1L, (short)-1, 7L, (short)3)]
    [TestCase(7L, (short)4, 7L, (short)4)]
    [TestCase(8L, (short)0, 8L, (short)0)]
    public void The_answer_names_the_identity_of_the_next_transaction(long id, short epoch, long expectedId, short expectedEpoch)
    {
        EndTransactionOperation operation = Operation();
        Ask(operation);
        AnswerSheet<string, ProducerIdentity> sheet = Answer(operation, ErrorCode.None, id, epoch);

        Assert.That(sheet.TryGet("t", out (ProducerIdentity Value, ErrorCode Error, string? Detail) row), Is.True);
        Assert.That(row.Value, Is.EqualTo(new ProducerIdentity(expectedId, expectedEpoch)));
    }

    private static EndTransactionOperation Operation() => new(Identity, TransactionProtocol.Second, commit: true);

    private static void Ask(EndTransactionOperation operation) => operation.CreateRequest(["t"], 5);

    private static AnswerSheet<string, ProducerIdentity> Answer(EndTransactionOperation operation, ErrorCode error, long id = -1, short epoch = -1)
    {
        var sheet = new AnswerSheet<string, ProducerIdentity>();
        operation.Read(["t"], new EndTxnResponse { ErrorCode = error, ProducerId = id, ProducerEpoch = epoch }, sheet);
        return sheet;
    }
}
