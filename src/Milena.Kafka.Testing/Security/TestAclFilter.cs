using Milena.Kafka.Protocol;

namespace Milena.Kafka.Testing.Security;

/// <summary>Which rules are meant: what is null, or any, is open.</summary>
internal sealed record TestAclFilter(
    ResourceType Resource,
    string? Name,
    PatternType Pattern,
    string? Principal,
    string? Host,
    AclOperation Operation,
    AclPermissionType Permission)
{
    public bool IsKnown => Enum.IsDefined(Resource) && Resource != ResourceType.Unknown && Enum.IsDefined(Pattern) && Pattern != PatternType.Unknown
        && Enum.IsDefined(Operation) && Operation != AclOperation.Unknown && Enum.IsDefined(Permission) && Permission != AclPermissionType.Unknown;

    public bool Matches(TestAcl acl) =>
        (Resource == ResourceType.Any || Resource == acl.Resource)
        && MatchesName(acl)
        && (Principal is null || Principal == acl.Principal)
        && (Host is null || Host == acl.Host)
        && (Operation == AclOperation.Any || Operation == acl.Operation)
        && (Permission == AclPermissionType.Any || Permission == acl.Permission);

    private bool MatchesName(TestAcl acl) => Pattern switch
    {
        PatternType.Any => Name is null || Name == acl.Name,
        PatternType.Match => Name is null || (acl.Pattern == PatternType.Prefixed ? Name.StartsWith(acl.Name, StringComparison.Ordinal) : acl.Name == Name || acl.Name == "*"),
        _ => Pattern == acl.Pattern && (Name is null || Name == acl.Name),
    };
}
