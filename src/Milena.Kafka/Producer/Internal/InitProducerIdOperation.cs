using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Producer.Internal;

/// <summary>Asks any broker for a producer id without a transaction (KIP-98). It has one part, whose name says nothing.</summary>
internal sealed class InitProducerIdOperation : Operation<bool, InitProducerIdRequest, InitProducerIdResponse, ProducerIdentity>
{
    public override Api Api => Apis.InitProducerId;

    public override Route RouteOf(bool key) => Route.Any;

    public override InitProducerIdRequest CreateRequest(IReadOnlyList<bool> keys, short version) =>
        new() { TransactionalId = null, TransactionTimeoutMs = int.MaxValue };

    public override void Read(IReadOnlyList<bool> keys, InitProducerIdResponse response, AnswerSheet<bool, ProducerIdentity> answers)
    {
        if (response.ErrorCode == ErrorCode.None)
        {
            answers.Succeed(keys[0], new ProducerIdentity(response.ProducerId, response.ProducerEpoch));
        }
        else
        {
            answers.Fail(keys[0], response.ErrorCode);
        }
    }

    public override string Describe(bool key) => "Getting a producer id";

    // The id comes from the coordinator of transactions by way of the broker; while that loads, any broker can be asked again.
    public override RecoveryAction Decide(ErrorCode error) =>
        error is ErrorCode.CoordinatorLoadInProgress or ErrorCode.CoordinatorNotAvailable or ErrorCode.NotCoordinator ? RecoveryAction.Retry : base.Decide(error);
}
