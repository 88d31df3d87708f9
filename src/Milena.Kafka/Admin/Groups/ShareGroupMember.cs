namespace Milena.Kafka;

/// <summary>A member of a share group.</summary>
/// <param name="MemberId">The id that it goes by in the group.</param>
/// <param name="ClientId">What the client calls itself.</param>
/// <param name="Host">From where it is connected.</param>
/// <param name="MemberEpoch">The member's epoch.</param>
/// <param name="Rack">The rack where it stands; null if it did not say.</param>
/// <param name="SubscribedTopics">The topics that it subscribes to.</param>
/// <param name="Assignment">The partitions that it reads from, along with others.</param>
public sealed record ShareGroupMember(
    string MemberId, string ClientId, string Host, int MemberEpoch, string? Rack, IReadOnlyList<string> SubscribedTopics, IReadOnlyList<TopicPartition> Assignment);
