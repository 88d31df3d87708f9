namespace Milena.Kafka;

/// <summary>A node that holds the metadata log.</summary>
/// <param name="Id">The node's id.</param>
/// <param name="DirectoryId">The id of its directory; null from brokers before 3.9.</param>
/// <param name="LogEndOffset">How far its log reaches; -1 if it is not known.</param>
public sealed record QuorumReplica(int Id, Guid? DirectoryId, long LogEndOffset)
{
    /// <summary>When it last fetched from the leader; null if that is not known.</summary>
    public DateTimeOffset? LastFetch { get; init; }

    /// <summary>When it last had all that the leader had; null if that is not known.</summary>
    public DateTimeOffset? LastCaughtUp { get; init; }
}
