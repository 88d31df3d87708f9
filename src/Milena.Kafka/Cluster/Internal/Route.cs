using Milena.Kafka.Protocol;

namespace Milena.Kafka.Cluster.Internal;

/// <summary>Which broker a part of an operation has to go to.</summary>
internal readonly record struct Route
{
    private Route(RouteKind kind) => Kind = kind;

    /// <summary>Any broker will do.</summary>
    public static Route Any { get; } = new(RouteKind.Any);

    /// <summary>The controller of the cluster.</summary>
    public static Route Controller { get; } = new(RouteKind.Controller);

    public RouteKind Kind { get; }

    /// <summary>The broker, where it is a certain one.</summary>
    public int BrokerId { get; private init; }

    /// <summary>The partition whose leader is meant.</summary>
    public TopicPartition Partition { get; private init; }

    /// <summary>The group or transaction whose coordinator is meant.</summary>
    public CoordinatorKey CoordinatorKey { get; private init; }

    public static Route ToBroker(int brokerId) => new(RouteKind.Broker) { BrokerId = brokerId };

    public static Route ToLeader(TopicPartition partition) => new(RouteKind.Leader) { Partition = partition };

    public static Route ToCoordinator(CoordinatorKeyType type, string key) => new(RouteKind.Coordinator) { CoordinatorKey = new CoordinatorKey(type, key) };
}
