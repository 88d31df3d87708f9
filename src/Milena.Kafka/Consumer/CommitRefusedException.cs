using Milena.Kafka.Protocol;

namespace Milena.Kafka;

/// <summary>The group did not take a commit, since the partitions are not, or may not be, this consumer's any more. Nothing was stored for them.</summary>
public sealed class CommitRefusedException : GroupException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="groupId">The group.</param>
    /// <param name="code">What its coordinator said; none if it was not asked.</param>
    /// <param name="refusal">Why.</param>
    /// <param name="partitions">The partitions that were not committed.</param>
    public CommitRefusedException(string groupId, ErrorCode code, CommitRefusal refusal, IReadOnlyList<TopicPartition> partitions)
        : base(groupId, code, $"Group '{groupId}' did not take the commit for {string.Join(", ", partitions ?? [])}. {Explain(refusal)}")
    {
        Refusal = refusal;
        Partitions = partitions ?? [];
    }

    /// <summary>Why.</summary>
    public CommitRefusal Refusal { get; }

    /// <summary>The partitions that were not committed.</summary>
    public IReadOnlyList<TopicPartition> Partitions { get; }

    /// <inheritdoc/>
    public override bool IsRetriable => false;

    private static string Explain(CommitRefusal refusal) => refusal switch
    {
        CommitRefusal.NotOwned => "The partition is not assigned to this consumer any more; the member that has it goes on from the last commit, so that records since come again there.",
        CommitRefusal.Rebalancing => "The group was rebalancing; records since the last commit may come again.",
        CommitRefusal.NotMember => "This consumer is not a member of the group at the moment; reading on joins it again, and records since the last commit come again.",
        _ => "Another consumer has joined with the same GroupInstanceId; dispose this one.",
    };
}
