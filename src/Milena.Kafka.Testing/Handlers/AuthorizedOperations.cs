namespace Milena.Kafka.Testing.Handlers;

/// <summary>What a client may do, as bits: without an authorizer it is everything there is.</summary>
internal static class AuthorizedOperations
{
    public const int NotAsked = int.MinValue;

    /// <summary>Create, alter, describe, cluster action, describe and alter configs, idempotent write.</summary>
    public const int OnCluster = 8096;

    /// <summary>Read, write, create, delete, alter, describe, describe and alter configs.</summary>
    public const int OnTopic = 3576;

    /// <summary>Read, delete, describe, describe and alter configs.</summary>
    public const int OnGroup = 3400;
}
