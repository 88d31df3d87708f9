namespace Milena.Kafka;

/// <summary>How a voter of the metadata quorum is added or removed.</summary>
public sealed class RaftVoterOptions : AdminOptions
{
    /// <summary>The cluster that is meant; another refuses.</summary>
    /// <value>Null: whichever answers.</value>
    public string? ClusterId { get; init; }
}
