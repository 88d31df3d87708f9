namespace Milena.Kafka;

/// <summary>Which entities are meant: those that match all components.</summary>
public sealed class ClientQuotaFilter
{
    /// <summary>What an entity must have.</summary>
    /// <value>Empty: nothing, so that all entities are meant.</value>
    public IReadOnlyList<ClientQuotaFilterComponent> Components { get; init; } = [];

    /// <summary>Whether an entity must have nothing else.</summary>
    /// <value>False: a filter for a user also finds what is for this user along with a client id.</value>
    public bool Strict { get; init; }
}
