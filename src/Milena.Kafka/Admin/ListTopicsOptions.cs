namespace Milena.Kafka;

/// <summary>How topics are listed.</summary>
public sealed class ListTopicsOptions : AdminOptions
{
    /// <summary>Whether the topics count that the cluster keeps for itself.</summary>
    /// <value>False.</value>
    public bool IncludeInternal { get; init; }
}
