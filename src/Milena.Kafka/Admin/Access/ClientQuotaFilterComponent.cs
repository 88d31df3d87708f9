using Milena.Kafka.Protocol;

namespace Milena.Kafka;

/// <summary>One type that an entity must have, by name, as the default, or by any name.</summary>
public sealed record ClientQuotaFilterComponent
{
    private ClientQuotaFilterComponent(string type, QuotaMatchType match, string? name)
    {
        Type = type;
        Match = match;
        Name = name;
    }

    /// <summary>The type, such as <see cref="ClientQuotaEntity.UserType"/>.</summary>
    public string Type { get; }

    /// <summary>How it must match.</summary>
    public QuotaMatchType Match { get; }

    /// <summary>The name, where one is asked for.</summary>
    public string? Name { get; }

    /// <summary>Entities that have this name.</summary>
    /// <param name="type">The type.</param>
    /// <param name="name">The name.</param>
    public static ClientQuotaFilterComponent Named(string type, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return new ClientQuotaFilterComponent(type, QuotaMatchType.Exact, name);
    }

    /// <summary>The default entity of a type.</summary>
    /// <param name="type">The type.</param>
    public static ClientQuotaFilterComponent Default(string type) => new(type, QuotaMatchType.Default, null);

    /// <summary>Entities of a type, whatever their name, and the default.</summary>
    /// <param name="type">The type.</param>
    public static ClientQuotaFilterComponent Any(string type) => new(type, QuotaMatchType.Specified, null);
}
