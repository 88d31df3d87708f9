using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Tests.Cluster;

public class RecoveryTests
{
    [TestCase(ErrorCode.None, RecoveryAction.None)]
    [TestCase(ErrorCode.NotLeaderOrFollower, RecoveryAction.RefreshMetadata)]
    [TestCase(ErrorCode.NotController, RecoveryAction.RefreshMetadata)]
    [TestCase(ErrorCode.UnknownTopicId, RecoveryAction.RefreshMetadata)]
    [TestCase(ErrorCode.FencedLeaderEpoch, RecoveryAction.RefreshMetadata)]
    [TestCase(ErrorCode.NotCoordinator, RecoveryAction.FindCoordinator)]
    [TestCase(ErrorCode.CoordinatorNotAvailable, RecoveryAction.FindCoordinator)]
    [TestCase(ErrorCode.CoordinatorLoadInProgress, RecoveryAction.Retry)]
    [TestCase(ErrorCode.RequestTimedOut, RecoveryAction.Retry)]
    [TestCase(ErrorCode.ConcurrentTransactions, RecoveryAction.RetrySoon)]
    [TestCase(ErrorCode.RebalanceInProgress, RecoveryAction.Rejoin)]
    [TestCase(ErrorCode.ProducerFenced, RecoveryAction.Fatal)]
    [TestCase(ErrorCode.TopicAuthorizationFailed, RecoveryAction.Fail)]
    [TestCase(ErrorCode.InvalidTopicException, RecoveryAction.Fail)]
    [TestCase((ErrorCode)9999, RecoveryAction.Fail)]
    public void Each_error_has_one_decision(ErrorCode error, object expected) => Assert.That(Recovery.Decide(error), Is.EqualTo(expected));

    [Test]
    public void Nothing_that_the_tables_call_retriable_is_given_up()
    {
        IEnumerable<ErrorCode> givenUp = Enum.GetValues<ErrorCode>()
            .Where(e => e.IsRetriable() && Recovery.Decide(e) is RecoveryAction.Fail or RecoveryAction.Fatal);

        Assert.That(givenUp, Is.Empty);
    }
}
