using Milena.Kafka.Protocol;

namespace Milena.Kafka.Consumer.Internal.Groups;

/// <summary>The standing of a consumer whose partitions are assigned by hand: it may commit as long as the group has no members.</summary>
internal sealed class OutsiderStanding(string groupId) : ICommitStanding
{
    public bool IsMember => false;

    public CommitStanding Standing { get; } = new(CommitGate.Closing, GroupIdentity.Outsider(groupId), Task.CompletedTask);

    public void Refused(ErrorCode error, GroupIdentity identity)
    {
        // There is no membership that could change; the caller is told.
    }
}
