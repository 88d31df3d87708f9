using Milena.Kafka.Protocol;

namespace Milena.Kafka.Admin.Internal;

/// <summary>Reads the bits in which brokers tell what a principal may do.</summary>
internal static class AuthorizedOperations
{
    private const int NotAsked = int.MinValue;

    /// <summary>The operations; null if they were not asked for.</summary>
    public static IReadOnlySet<AclOperation>? Read(int bits) =>
        bits == NotAsked ? null : Enumerable.Range(0, 31).Where(bit => (bits & (1 << bit)) != 0).Select(bit => (AclOperation)bit).ToHashSet();
}
