using PartitionSet = System.Collections.Immutable.ImmutableSortedSet<Milena.Kafka.Testing.Groups.Consumer.TopicIdPartition>;

namespace Milena.Kafka.Testing.Groups.Consumer;

/// <summary>
/// The next step of one member towards its target: first it gives up, then its epoch moves, then it is given what nobody else owns.
/// </summary>
internal sealed class Reconciliation(int targetEpoch, PartitionSet target, Func<TopicIdPartition, bool> isFree)
{
    /// <param name="member">The member.</param>
    /// <param name="owned">What it says that it owns; null if it says nothing about it.</param>
    public ConsumerMember Step(ConsumerMember member, IReadOnlyCollection<TopicIdPartition>? owned) => member.State switch
    {
        MemberState.Stable => member.Epoch == targetEpoch ? member : Next(member, member.Epoch, owned),
        MemberState.UnrevokedPartitions => StillOwns(member.Revoking, owned) ? member : Next(member, member.Epoch + 1, owned),
        MemberState.UnreleasedPartitions => Next(member, member.Epoch, owned),
        _ => throw new InvalidOperationException($"A member cannot be {member.State}."),
    };

    private static bool StillOwns(PartitionSet revoking, IReadOnlyCollection<TopicIdPartition>? owned) => owned is null || owned.Any(revoking.Contains);

    private ConsumerMember Next(ConsumerMember member, int epoch, IReadOnlyCollection<TopicIdPartition>? owned)
    {
        PartitionSet kept = member.Assigned.Intersect(target);
        PartitionSet revoking = member.Assigned.Except(kept);
        if (!revoking.IsEmpty && StillOwns(revoking, owned))
        {
            return member.MovedTo(epoch, MemberState.UnrevokedPartitions, kept, revoking);
        }

        PartitionSet missing = target.Except(kept);
        TopicIdPartition[] free = [.. missing.Where(isFree)];
        MemberState state = free.Length < missing.Count ? MemberState.UnreleasedPartitions : MemberState.Stable;
        return member.MovedTo(targetEpoch, state, kept.Union(free), []);
    }
}
