namespace Milena.Kafka;

/// <summary>Whom a quota is for: a user, a client id, both together, or an address; by name, or as the default for those without one of their own.</summary>
public sealed class ClientQuotaEntity : IEquatable<ClientQuotaEntity>
{
    /// <summary>Kafka's word for the type of users.</summary>
    public const string UserType = "user";

    /// <summary>Kafka's word for the type of client ids.</summary>
    public const string ClientIdType = "client-id";

    /// <summary>Kafka's word for the type of addresses.</summary>
    public const string IpType = "ip";

    private readonly SortedDictionary<string, string?> _parts;

    /// <summary>Names an entity by its types, for types that this class has no method for.</summary>
    /// <param name="parts">The types with their names; null stands for the default.</param>
    /// <exception cref="ArgumentException">There is none.</exception>
    public ClientQuotaEntity(IEnumerable<KeyValuePair<string, string?>> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        _parts = new SortedDictionary<string, string?>(parts.ToDictionary(part => part.Key, part => part.Value), StringComparer.Ordinal);
        if (_parts.Count == 0)
        {
            throw new ArgumentException("A quota must be for someone.", nameof(parts));
        }
    }

    /// <summary>The types with their names; null stands for the default.</summary>
    public IReadOnlyDictionary<string, string?> Parts => _parts;

    /// <summary>A user with all its clients, each client by itself.</summary>
    /// <param name="user">The user's name; null for users without a quota of their own.</param>
    public static ClientQuotaEntity User(string? user) => new([new(UserType, user)]);

    /// <summary>All clients of one client id together, whoever the user is.</summary>
    /// <param name="clientId">The client id; null for those without a quota of their own.</param>
    public static ClientQuotaEntity ClientId(string? clientId) => new([new(ClientIdType, clientId)]);

    /// <summary>The clients of a user that have a client id.</summary>
    /// <param name="user">The user's name; null for users without a quota of their own.</param>
    /// <param name="clientId">The client id; null for those without a quota of their own.</param>
    public static ClientQuotaEntity UserAndClientId(string? user, string? clientId) => new([new(UserType, user), new(ClientIdType, clientId)]);

    /// <summary>An address, for quotas of connections (KIP-612).</summary>
    /// <param name="address">The address; null for those without a quota of their own.</param>
    public static ClientQuotaEntity Ip(string? address) => new([new(IpType, address)]);

    /// <summary>Whether it is the same entity.</summary>
    /// <param name="other">The other.</param>
    public bool Equals(ClientQuotaEntity? other) => other is not null && _parts.SequenceEqual(other._parts);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ClientQuotaEntity);

    /// <inheritdoc/>
    public override int GetHashCode() => _parts.Aggregate(0, (hash, part) => HashCode.Combine(hash, part.Key, part.Value));

    /// <summary>The entity in words, such as <c>user 'alice', default client-id</c>.</summary>
    public override string ToString() => string.Join(", ", _parts.Reverse().Select(part => part.Value is null ? $"default {part.Key}" : $"{part.Key} '{part.Value}'"));
}
