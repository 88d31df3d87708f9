using Milena.Kafka.Consumer.Internal.Groups;

namespace Milena.Kafka.Tests.Consumer.Groups;

/// <summary>A membership in a simulation, with the position that its reader has reached in each partition it holds.</summary>
internal sealed class SimulatedMember(IGroupMembership core, string? instanceId)
{
    public IGroupMembership Core { get; } = core;

    public string? InstanceId { get; } = instanceId;

    public Dictionary<TopicPartition, long> Positions { get; } = [];

    public bool IsCalling { get; set; }

    public int Call { get; set; }

    public bool IsReconciling { get; set; }

    public bool IsDead { get; set; }

    public bool IsSlow { get; set; }

    public bool LosesNextAnswer { get; set; }

    public IReadOnlyCollection<TopicPartition> Owned => OwnedBy(Core);

    /// <summary>Whether it is in the group and has nothing left to do.</summary>
    public bool IsSettled => Joined(Core) && !IsReconciling;

    public bool SpeaksNewProtocol => (Core as AutoMembership)?.Current is ConsumerMembership || Core is ConsumerMembership;

    public override string ToString() => $"{(SpeaksNewProtocol ? "consumer" : "classic")} {Core.Identity.MemberId}/{InstanceId} at {Core.Identity.Generation} with {Owned.Count}";

    private static bool Joined(IGroupMembership core) => core switch
    {
        AutoMembership auto => auto.Current is { } current && Joined(current),
        ConsumerMembership consumer => consumer.State == ConsumerMembershipState.Member,
        ClassicMembership classic => classic.State == MembershipState.Stable,
        _ => false,
    };

    private static IReadOnlyCollection<TopicPartition> OwnedBy(IGroupMembership core) => core switch
    {
        AutoMembership auto => auto.Current is { } current ? OwnedBy(current) : [],
        ConsumerMembership consumer => consumer.Owned,
        ClassicMembership classic => classic.Owned,
        _ => [],
    };
}
