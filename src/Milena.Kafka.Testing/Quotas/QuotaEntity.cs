namespace Milena.Kafka.Testing.Quotas;

/// <summary>Whom a quota is for. What is null is no part of it.</summary>
internal sealed record QuotaEntity(QuotaName? User, QuotaName? ClientId, QuotaName? Ip)
{
    public const string UserType = "user";
    public const string ClientIdType = "client-id";
    public const string IpType = "ip";

    /// <summary>The types that it consists of, with their names.</summary>
    public IEnumerable<(string Type, QuotaName Name)> Parts
    {
        get
        {
            if (User is { } user)
            {
                yield return (UserType, user);
            }

            if (ClientId is { } clientId)
            {
                yield return (ClientIdType, clientId);
            }

            if (Ip is { } ip)
            {
                yield return (IpType, ip);
            }
        }
    }

    /// <summary>Reads an entity.</summary>
    /// <returns>What is wrong with it; null if nothing is.</returns>
    public static string? TryRead(IReadOnlyCollection<(string Type, string? Name)> parts, out QuotaEntity entity)
    {
        entity = new QuotaEntity(null, null, null);
        if (parts.Count == 0)
        {
            return "Invalid empty client quota entity.";
        }

        foreach ((string type, string? name) in parts)
        {
            if (name is { Length: 0 })
            {
                return $"Empty {type} not supported.";
            }

            if (entity.Parts.Any(part => part.Type == type))
            {
                return $"Duplicate client quota entity type {type}.";
            }

            switch (type)
            {
                case UserType:
                    entity = entity with { User = new QuotaName(name) };
                    break;
                case ClientIdType:
                    entity = entity with { ClientId = new QuotaName(name) };
                    break;
                case IpType:
                    entity = entity with { Ip = new QuotaName(name) };
                    break;
                default:
                    return $"Unhandled client quota entity type: {type}";
            }
        }

        return entity is { Ip: not null, User: not null } or { Ip: not null, ClientId: not null } ? "Invalid combination of entity types: an ip stands alone." : null;
    }
}
