using System.Buffers.Binary;

namespace Milena.Kafka.Consumer.Internal.Assignment;

/// <summary>The cooperative sticky assignor (KIP-429): a partition that changes hands is left out until its owner has given it up.</summary>
internal sealed class CooperativeStickyAssignor : IPartitionAssignor
{
    public string Name => "cooperative-sticky";

    public bool IsCooperative => true;

    /// <summary>The generation, for leaders that read subscriptions below version 2.</summary>
    public ReadOnlyMemory<byte>? CreateUserData(PreviousAssignment previous)
    {
        byte[] generation = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(generation, previous.Generation);
        return generation;
    }

    public IReadOnlyDictionary<string, MemberAssignment> Assign(AssignmentRequest request)
    {
        var claims = new OwnershipClaims(request.Members.Select(m => new OwnershipClaim(m, m.OwnedPartitions, GenerationOf(m))));
        AssignmentSheet sheet = StickyAllocation.Allocate(request, claims);
        foreach (string member in request.Members.Select(m => m.MemberId))
        {
            sheet[member].RemoveAll(p => claims.IsHeldByAnother(p, member));
        }

        return sheet.ToResult();
    }

    private static int GenerationOf(MemberSubscription member) =>
        member.Generation < 0 && member.UserData is { Length: >= sizeof(int) } bytes ? BinaryPrimitives.ReadInt32BigEndian(bytes.Span) : member.Generation;
}
