namespace Milena.Kafka.Consumer.Internal.Assignment;

/// <summary>Settles who holds what: the claim of the newest generation counts, and two of the same generation cancel each other (KIP-792).</summary>
internal sealed class OwnershipClaims
{
    private readonly Dictionary<TopicPartition, (string Member, int Generation, bool IsDisputed)> _strongest = [];
    private readonly Dictionary<TopicPartition, List<string>> _claimants = [];

    public OwnershipClaims(IEnumerable<OwnershipClaim> claims)
    {
        foreach (OwnershipClaim claim in claims)
        {
            foreach (TopicPartition partition in claim.Partitions.Distinct())
            {
                Add(partition, claim.Member.MemberId, claim.Generation);
            }
        }
    }

    /// <summary>The member that holds a partition; null if none does, or it is disputed.</summary>
    public string? OwnerOf(TopicPartition partition) =>
        _strongest.TryGetValue(partition, out (string Member, int Generation, bool IsDisputed) strongest) && !strongest.IsDisputed ? strongest.Member : null;

    /// <summary>Whether a partition must be given up by some member before another may have it.</summary>
    public bool IsHeldByAnother(TopicPartition partition, string memberId) =>
        OwnerOf(partition) != memberId && _claimants.TryGetValue(partition, out List<string>? claimants) && claimants.Exists(c => c != memberId);

    private void Add(TopicPartition partition, string member, int generation)
    {
        if (!_claimants.TryGetValue(partition, out List<string>? claimants))
        {
            _claimants[partition] = claimants = [];
        }

        claimants.Add(member);
        if (!_strongest.TryGetValue(partition, out (string Member, int Generation, bool IsDisputed) other) || generation > other.Generation)
        {
            _strongest[partition] = (member, generation, false);
        }
        else if (generation == other.Generation)
        {
            _strongest[partition] = other with { IsDisputed = true };
        }
    }
}
