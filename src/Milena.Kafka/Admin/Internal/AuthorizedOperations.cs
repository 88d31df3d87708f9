using Milena.Kafka.Protocol;

namespace Milena.Kafka.Admin.Internal;

/// <summary>Reads what a client may do (KIP-430): a bit for each operation.</summary>
internal static class AuthorizedOperations
{
    private const int NotAsked = int.MinValue;

    public static IReadOnlySet<AclOperation>? Read(int bits) =>
        bits == NotAsked ? null : Enum.GetValues<AclOperation>().Where(operation => (bits & (1 << (int)operation)) != 0).ToHashSet();
}
