namespace Milena.Kafka.Testing.Groups;

/// <summary>What the log of a real coordinator has of a classic group: the last generation that got its assignment, or an empty one.</summary>
internal sealed record ClassicGroupImage(int Generation, string? ProtocolType, string? Protocol, string? LeaderId, IReadOnlyList<GroupMember> Members)
{
    public static ClassicGroupImage Empty { get; } = new(0, null, null, null, []);
}
