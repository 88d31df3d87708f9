namespace Milena.Kafka.Cluster.Internal;

/// <summary>How the broker of a <see cref="Route"/> is found.</summary>
internal enum RouteKind
{
    Any,
    Controller,
    Broker,
    Leader,
    Coordinator,
}
