namespace Milena.Kafka;

/// <summary>How a call that changes the cluster is carried out.</summary>
public sealed class AdminChangeOptions : AdminOptions
{
    /// <summary>Whether the cluster only checks whether it would do it, and changes nothing.</summary>
    /// <value>False.</value>
    public bool ValidateOnly { get; init; }
}
