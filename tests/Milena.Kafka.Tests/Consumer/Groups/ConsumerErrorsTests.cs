using Milena.Kafka.Consumer.Internal.Groups;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Tests.Consumer.Groups;

/// <summary>Every error code against what a member of a KIP-848 group makes of it.</summary>
public class ConsumerErrorsTests
{
    private static readonly Dictionary<ErrorCode, ConsumerAction> Special = new()
    {
        [ErrorCode.None] = ConsumerAction.None,
        [ErrorCode.FencedInstanceId] = ConsumerAction.Fenced,
        [ErrorCode.UnreleasedInstanceId] = ConsumerAction.AwaitInstance,
        [ErrorCode.CoordinatorNotAvailable] = ConsumerAction.FindCoordinator,
        [ErrorCode.NotCoordinator] = ConsumerAction.FindCoordinator,
        [ErrorCode.CoordinatorLoadInProgress] = ConsumerAction.Retry,
        [ErrorCode.UnknownServerError] = ConsumerAction.Retry,
        [ErrorCode.RequestTimedOut] = ConsumerAction.Retry,
        [ErrorCode.FencedMemberEpoch] = ConsumerAction.LoseMembership,
        [ErrorCode.UnknownMemberId] = ConsumerAction.LoseMembership,
        [ErrorCode.StaleMemberEpoch] = ConsumerAction.LoseMembership,
        [ErrorCode.IllegalGeneration] = ConsumerAction.LoseMembership,
        [ErrorCode.GroupIdNotFound] = ConsumerAction.LoseMembership,
        [ErrorCode.UnsupportedVersion] = ConsumerAction.RefuseProtocol,
        [ErrorCode.UnsupportedAssignor] = ConsumerAction.Fail,
        [ErrorCode.InvalidRegularExpression] = ConsumerAction.Fail,
        [ErrorCode.InvalidRequest] = ConsumerAction.Fail,
        [ErrorCode.GroupMaxSizeReached] = ConsumerAction.Fail,
        [ErrorCode.GroupAuthorizationFailed] = ConsumerAction.Fail,
        [ErrorCode.TopicAuthorizationFailed] = ConsumerAction.Fail,
        [(ErrorCode)9999] = ConsumerAction.Fail,
    };

    [Test]
    public void Codes_of_the_protocol_have_their_meaning() => Assert.Multiple(() =>
    {
        foreach ((ErrorCode error, ConsumerAction action) in Special)
        {
            Assert.That(ConsumerErrors.Decide(error, isJoining: false), Is.EqualTo(action), error.ToString());
        }

        Assert.That(ConsumerErrors.Decide(ErrorCode.GroupIdNotFound, isJoining: true), Is.EqualTo(ConsumerAction.RefuseProtocol));
    });

    [Test]
    public void A_code_that_passes_is_never_told_to_the_user_and_any_other_always_with_its_name() => Assert.Multiple(() =>
    {
        foreach (ErrorCode error in Enum.GetValues<ErrorCode>())
        {
            ConsumerAction action = ConsumerErrors.Decide(error, isJoining: false);
            if (error.IsRetriable())
            {
                Assert.That(action, Is.Not.EqualTo(ConsumerAction.Fail), error.ToString());
            }
            else if (action == ConsumerAction.Fail)
            {
                KafkaException told = ConsumerErrors.Exception("g", error, null);
                Assert.That(told.Code, Is.EqualTo(error));
                Assert.That(told.Message, Does.Contain(error.Name()).And.Contain("'g'"));
            }
        }
    });
}
