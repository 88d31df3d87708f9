namespace Milena.Kafka;

/// <summary>A group as it is listed.</summary>
/// <param name="GroupId">The group.</param>
/// <param name="Type">The protocol that it follows; <see cref="GroupType.Unknown"/> from brokers before Kafka 3.8.</param>
/// <param name="ProtocolType">What its members are: <c>consumer</c>, <c>connect</c>, <c>share</c>, ...; empty for a group that only stores offsets.</param>
/// <param name="State">Where it stands; <see cref="GroupState.Unknown"/> from brokers before Kafka 2.6.</param>
/// <param name="CoordinatorId">The broker that looks after it.</param>
public sealed record GroupListing(string GroupId, GroupType Type, string ProtocolType, GroupState State, int CoordinatorId)
{
    /// <summary>Whether the group only stores offsets: nobody has ever joined it, or not since it was emptied and its brokers restarted.</summary>
    public bool IsSimple => Type is GroupType.Classic or GroupType.Unknown && ProtocolType.Length == 0;
}
