using Milena.Kafka.Protocol;

namespace Milena.Kafka.Testing.Security;

/// <summary>The rules of who may do what, and the decisions that follow, as Kafka's standard authorizer makes them. Thread-safe.</summary>
internal sealed class Authorizer(TestAuthorizationOptions options)
{
    private const string Everything = "*";
    private const string Everyone = "User:*";

    private readonly Lock _gate = new();
    private readonly HashSet<TestAcl> _acls = [.. options.Acls];

    public bool Allows(string principal, string host, ResourceType resource, string name, AclOperation operation)
    {
        if (options.SuperUsers.Contains(principal))
        {
            return true;
        }

        lock (_gate)
        {
            TestAcl[] named = [.. _acls.Where(acl => acl.Resource == resource && Covers(acl, name))];
            if (named.Length == 0)
            {
                return options.AllowEveryoneWithoutAcl;
            }

            TestAcl[] about = [.. named.Where(acl => (acl.Principal == principal || acl.Principal == Everyone) && (acl.Host == Everything || acl.Host == host))];
            return !about.Any(acl => acl.Permission == AclPermissionType.Deny && (acl.Operation == operation || acl.Operation == AclOperation.All))
                && about.Any(acl => acl.Permission == AclPermissionType.Allow && Grants(acl.Operation, operation));
        }
    }

    /// <summary>Whether some resource of a kind may be used so, whichever: the right to be a producer at all (KIP-679).</summary>
    public bool AllowsAny(string principal, string host, ResourceType resource, AclOperation operation)
    {
        string[] names;
        lock (_gate)
        {
            names = [.. _acls.Where(acl => acl.Resource == resource && acl.Permission == AclPermissionType.Allow).Select(acl => acl.Name == Everything ? "any" : acl.Name)];
        }

        return options.SuperUsers.Contains(principal) || names.Any(name => Allows(principal, host, resource, name, operation)) || (names.Length == 0 && options.AllowEveryoneWithoutAcl);
    }

    public void Add(TestAcl acl)
    {
        lock (_gate)
        {
            _acls.Add(acl);
        }
    }

    public IReadOnlyList<TestAcl> Find(TestAclFilter filter)
    {
        lock (_gate)
        {
            return [.. _acls.Where(filter.Matches)];
        }
    }

    public IReadOnlyList<TestAcl> Remove(TestAclFilter filter)
    {
        lock (_gate)
        {
            TestAcl[] removed = [.. _acls.Where(filter.Matches)];
            _acls.ExceptWith(removed);
            return removed;
        }
    }

    private static bool Covers(TestAcl acl, string name) => acl.Pattern == PatternType.Prefixed
        ? name.StartsWith(acl.Name, StringComparison.Ordinal)
        : acl.Name == name || acl.Name == Everything;

    // Who may read, write, delete or alter something may also know of it.
    private static bool Grants(AclOperation granted, AclOperation asked) => granted == asked || granted == AclOperation.All || asked switch
    {
        AclOperation.Describe => granted is AclOperation.Read or AclOperation.Write or AclOperation.Delete or AclOperation.Alter,
        AclOperation.DescribeConfigs => granted is AclOperation.AlterConfigs,
        _ => false,
    };
}
