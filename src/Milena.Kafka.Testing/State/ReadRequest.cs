namespace Milena.Kafka.Testing.State;

/// <summary>What a reader wants of one partition.</summary>
internal readonly record struct ReadRequest(long Offset, int CurrentLeaderEpoch, int LastFetchedEpoch, int MaxBytes, bool FirstBatchWhole, bool OnlyCommitted)
{
    /// <summary>Whether a follower may serve it too (KIP-392).</summary>
    public bool MayFollow { get; init; }
}
