using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Producer.Internal.Transactions;

/// <summary>Enrols the offsets of a group in the running transaction; first generation of the protocol only.</summary>
internal sealed class AddOffsetsOperation : Operation<string, AddOffsetsToTxnRequest, AddOffsetsToTxnResponse, bool>
{
    private readonly string _id;
    private readonly ProducerIdentity _identity;

    public AddOffsetsOperation(string id, ProducerIdentity identity)
    {
        _id = id;
        _identity = identity;
    }

    public override Api Api => Apis.AddOffsetsToTxn;

    public override bool IsInline => true;

    // The key is the group, but it is the coordinator of the transaction that is told of it.
    public override Route RouteOf(string key) => Route.ToCoordinator(CoordinatorKeyType.Transaction, _id);

    public override AddOffsetsToTxnRequest CreateRequest(IReadOnlyList<string> keys, short version) =>
        new() { TransactionalId = _id, ProducerId = _identity.Id, ProducerEpoch = _identity.Epoch, GroupId = keys[0] };

    public override void Read(IReadOnlyList<string> keys, AddOffsetsToTxnResponse response, AnswerSheet<string, bool> answers)
    {
        if (response.ErrorCode == ErrorCode.None)
        {
            answers.Succeed(keys[0], true);
        }
        else
        {
            answers.Fail(keys[0], response.ErrorCode);
        }
    }

    public override string Describe(string key) => $"Adding offsets of the group '{key}' to the transaction of '{_id}'";

    public override RecoveryAction Decide(ErrorCode error) => TransactionErrors.Decide(TransactionStep.AddOffsets, error);
}
