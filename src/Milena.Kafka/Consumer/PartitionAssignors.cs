using Milena.Kafka.Consumer.Internal.Assignment;

namespace Milena.Kafka;

/// <summary>The assignors that every Kafka client knows. They hold no state and may be shared.</summary>
public static class PartitionAssignors
{
    /// <summary>Each topic by itself in ranges, so that partitions of the same number of several topics come to the same member. Minds racks (KIP-881).</summary>
    /// <remarks>Java's <c>RangeAssignor</c>, by the name <c>range</c>.</remarks>
    public static IPartitionAssignor Range { get; } = new RangeAssignor();

    /// <summary>All partitions of all topics in turn.</summary>
    /// <remarks>Java's <c>RoundRobinAssignor</c>, by the name <c>roundrobin</c>.</remarks>
    public static IPartitionAssignor RoundRobin { get; } = new RoundRobinAssignor();

    /// <summary>As even as can be, and each member keeps what it had as far as that allows; all partitions stop while the group rebalances.</summary>
    /// <remarks>Java's <c>StickyAssignor</c>, by the name <c>sticky</c>.</remarks>
    public static IPartitionAssignor Sticky { get; } = new StickyAssignor();

    /// <summary>As <see cref="Sticky"/>, but only partitions that change hands stop while the group rebalances (KIP-429).</summary>
    /// <remarks>Java's <c>CooperativeStickyAssignor</c>, by the name <c>cooperative-sticky</c>.</remarks>
    public static IPartitionAssignor CooperativeSticky { get; } = new CooperativeStickyAssignor();
}
