namespace Milena.Kafka;

/// <summary>A member of a classic group.</summary>
/// <param name="MemberId">The id that it goes by in the group.</param>
/// <param name="InstanceId">The name of a static member (KIP-345); null for none.</param>
/// <param name="ClientId">What the client calls itself.</param>
/// <param name="Host">From where it is connected.</param>
/// <param name="Metadata">What it subscribes with, in its protocol's own form; empty while the group is not stable.</param>
/// <param name="Assignment">What it was assigned, in its protocol's own form; empty while the group is not stable.</param>
public sealed record ClassicGroupMember(
    string MemberId, string? InstanceId, string ClientId, string Host, ReadOnlyMemory<byte> Metadata, ReadOnlyMemory<byte> Assignment);
