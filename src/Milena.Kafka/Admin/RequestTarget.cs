using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;

namespace Milena.Kafka;

/// <summary>Which broker a request goes to. The default value is <see cref="Any"/>.</summary>
public readonly record struct RequestTarget
{
    private RequestTarget(Route route) => Route = route;

    /// <summary>Whichever broker can be reached.</summary>
    public static RequestTarget Any { get; } = new(Route.Any);

    /// <summary>The controller, or a broker that passes requests on to it.</summary>
    public static RequestTarget Controller { get; } = new(Route.Controller);

    internal Route Route { get; }

    /// <summary>One broker.</summary>
    /// <param name="id">The broker's id.</param>
    public static RequestTarget Broker(int id) => new(Route.ToBroker(id));

    /// <summary>The leader of a partition.</summary>
    /// <param name="partition">The partition.</param>
    public static RequestTarget LeaderOf(TopicPartition partition) => new(Route.ToLeader(partition));

    /// <summary>The coordinator of a group, or of a transactional id.</summary>
    /// <param name="type">Which of them.</param>
    /// <param name="key">The id.</param>
    public static RequestTarget CoordinatorOf(CoordinatorKeyType type, string key) => new(Route.ToCoordinator(type, key));
}
