using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Testing.Groups;

/// <content>Positions that are stored in transactions.</content>
internal sealed partial class ClassicGroup
{
    /// <summary>Whether positions may be stored in a transaction (KIP-447). A rebalance under way does not matter.</summary>
    public ErrorCode CheckTransactionalCommit(TxnOffsetCommitRequest request)
    {
        lock (_gate)
        {
            // Before version 3 a request does not say who sends it, and is taken as it is.
            bool isAnonymous = request.GenerationIdOrMemberEpoch < 0 && request.MemberId.Length == 0 && request.GroupInstanceId is null;
            return isAnonymous || (request.GenerationIdOrMemberEpoch < 0 && State == GroupState.Empty)
                ? ErrorCode.None
                : Find(request.MemberId, request.GroupInstanceId, request.GenerationIdOrMemberEpoch, out _);
        }
    }
}
