using Milena.Kafka.Protocol;

namespace Milena.Kafka.Cluster.Internal;

/// <summary>A group or transactional id, which a coordinator looks after.</summary>
internal readonly record struct CoordinatorKey(CoordinatorKeyType Type, string Key)
{
    public override string ToString() => $"{Type} '{Key}'";
}
