using Milena.Kafka.Protocol;

namespace Milena.Kafka;

/// <summary>A member of a consumer group.</summary>
/// <param name="MemberId">The id that it goes by in the group.</param>
/// <param name="InstanceId">The name of a static member (KIP-345), Kafka's <c>group.instance.id</c>; null for none.</param>
/// <param name="ClientId">What the client calls itself.</param>
/// <param name="Host">From where it is connected.</param>
/// <param name="Assignment">The partitions that it has.</param>
public sealed record ConsumerGroupMember(string MemberId, string? InstanceId, string ClientId, string Host, IReadOnlyList<TopicPartition> Assignment)
{
    /// <summary>The partitions that it is to have in the end; null for the classic protocol.</summary>
    public IReadOnlyList<TopicPartition>? TargetAssignment { get; init; }

    /// <summary>The member's epoch; null for the classic protocol.</summary>
    public int? MemberEpoch { get; init; }

    /// <summary>The topics that it subscribes to by name; null where the broker does not tell (classic protocol).</summary>
    public IReadOnlyList<string>? SubscribedTopics { get; init; }

    /// <summary>The pattern of topics that it subscribes to; null for none.</summary>
    public string? SubscribedPattern { get; init; }

    /// <summary>The rack where it stands; null if it did not say.</summary>
    public string? Rack { get; init; }

    /// <summary>In a group of KIP-848: the protocol that this member speaks. Unknown from brokers before Kafka 4.0 and in classic groups.</summary>
    public ConsumerMemberType Protocol { get; init; } = ConsumerMemberType.Unknown;
}
