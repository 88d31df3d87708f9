using Milena.Kafka.Protocol;

namespace Milena.Kafka.Consumer.Internal.Groups;

/// <summary>Who commits: a member, or someone outside who assigns partitions by hand.</summary>
internal interface ICommitStanding
{
    /// <summary>Whether only assigned partitions can be committed.</summary>
    bool IsMember { get; }

    CommitStanding Standing { get; }

    /// <summary>The coordinator refused a commit for a reason of membership.</summary>
    void Refused(ErrorCode error, GroupIdentity identity);
}
