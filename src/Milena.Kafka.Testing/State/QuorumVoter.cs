namespace Milena.Kafka.Testing.State;

/// <summary>A controller that has a vote in the metadata quorum.</summary>
/// <param name="Id">Its node id.</param>
/// <param name="DirectoryId">The id of its directory.</param>
/// <param name="Listeners">Where it listens.</param>
internal sealed record QuorumVoter(int Id, Guid DirectoryId, IReadOnlyList<(string Name, string Host, int Port)> Listeners)
{
    /// <summary>How far its log reached, and when, as it stopped; null while it runs.</summary>
    public (long Offset, DateTimeOffset Time)? Stopped { get; init; }
}
