using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Testing.Groups;

/// <content>Positions that are stored in transactions.</content>
internal sealed partial class Group
{
    /// <summary>Whether positions may be stored in a transaction (KIP-447): by a member of now, or by someone who does not say who it is.</summary>
    public ErrorCode CheckTransactionalCommit(TxnOffsetCommitRequest request, short version)
    {
        const short FirstVersionWithEpochs = 6;
        lock (_gate)
        {
            if (_isDeleted)
            {
                return ErrorCode.CoordinatorNotAvailable;
            }

            if (_classic is not null)
            {
                return _classic.CheckTransactionalCommit(request);
            }

            if (request.GenerationIdOrMemberEpoch < 0 && _consumer!.MemberCount == 0)
            {
                return ErrorCode.None;
            }

            ErrorCode error = CheckEpoch(_consumer!.Find(request.MemberId), request.GenerationIdOrMemberEpoch);
            return error == ErrorCode.StaleMemberEpoch && version < FirstVersionWithEpochs ? ErrorCode.IllegalGeneration : error;
        }
    }
}
