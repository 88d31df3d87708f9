namespace Milena.Kafka.Consumer.Internal.Assignment;

/// <summary>The eager sticky assignor: members tell in user data what they had, since they hold nothing any more when they join.</summary>
internal sealed class StickyAssignor : IPartitionAssignor
{
    public string Name => "sticky";

    public ReadOnlyMemory<byte>? CreateUserData(PreviousAssignment previous) =>
        previous.Partitions is { } partitions ? StickyUserData.Write(partitions, previous.Generation) : default(ReadOnlyMemory<byte>?);

    public IReadOnlyDictionary<string, MemberAssignment> Assign(AssignmentRequest request)
    {
        IEnumerable<OwnershipClaim> claims = request.Members.Select(m =>
        {
            (IReadOnlyList<TopicPartition> partitions, int generation) = StickyUserData.Read(m.UserData);
            return new OwnershipClaim(m, partitions, generation);
        });
        return StickyAllocation.Allocate(request, new OwnershipClaims(claims)).ToResult();
    }
}
