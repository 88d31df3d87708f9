namespace Milena.Kafka;

/// <summary>A member of a Streams group.</summary>
/// <param name="MemberId">The id that it goes by in the group.</param>
/// <param name="InstanceId">The name of a static member (KIP-345); null for none.</param>
/// <param name="ClientId">What the client calls itself.</param>
/// <param name="Host">From where it is connected.</param>
/// <param name="ProcessId">The process that it shares with other members.</param>
/// <param name="MemberEpoch">The member's epoch.</param>
/// <param name="TopologyEpoch">The version of the topology that it runs.</param>
public sealed record StreamsGroupMember(string MemberId, string? InstanceId, string ClientId, string Host, string ProcessId, int MemberEpoch, int TopologyEpoch)
{
    /// <summary>The rack where it stands; null if it did not say.</summary>
    public string? Rack { get; init; }

    /// <summary>Where its state can be asked for, as <c>host:port</c>; null for nowhere.</summary>
    public string? UserEndpoint { get; init; }

    /// <summary>Tags by which standby tasks are spread.</summary>
    public IReadOnlyDictionary<string, string> ClientTags { get; init; } = new Dictionary<string, string>();

    /// <summary>How far its tasks have come.</summary>
    public IReadOnlyList<StreamsTaskOffset> TaskOffsets { get; init; } = [];

    /// <summary>How far its tasks can come.</summary>
    public IReadOnlyList<StreamsTaskOffset> TaskEndOffsets { get; init; } = [];

    /// <summary>The tasks that it has.</summary>
    public StreamsAssignment Assignment { get; init; } = StreamsAssignment.Empty;

    /// <summary>The tasks that it is to have in the end.</summary>
    public StreamsAssignment TargetAssignment { get; init; } = StreamsAssignment.Empty;

    /// <summary>Whether it still speaks the classic protocol.</summary>
    public bool IsClassic { get; init; }
}
