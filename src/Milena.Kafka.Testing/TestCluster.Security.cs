using Milena.Kafka.Protocol;
using Milena.Kafka.Testing.Security;

namespace Milena.Kafka.Testing;

/// <content>Users and rules.</content>
public sealed partial class TestCluster
{
    /// <summary>Gives a user another password, for PLAIN and SCRAM, or an access key another secret, for AWS_MSK_IAM; sessions that are open go on.</summary>
    /// <param name="user">The user, who may be new.</param>
    /// <param name="password">The password; <see langword="null"/> removes the user.</param>
    public void SetPassword(string user, string? password) => _services.Security.Users.SetPassword(user, password);

    /// <summary>Adds a rule.</summary>
    /// <param name="acl">The rule.</param>
    /// <exception cref="InvalidOperationException">The cluster was started without <see cref="TestSecurityOptions.Authorization"/>.</exception>
    public void AddAcl(TestAcl acl) => Authorizer.Add(acl);

    /// <summary>Removes a rule, if it is there.</summary>
    /// <param name="acl">The rule.</param>
    /// <exception cref="InvalidOperationException">The cluster was started without <see cref="TestSecurityOptions.Authorization"/>.</exception>
    public void RemoveAcl(TestAcl acl)
    {
        ArgumentNullException.ThrowIfNull(acl);
        Authorizer.Remove(new TestAclFilter(acl.Resource, acl.Name, acl.Pattern, acl.Principal, acl.Host, acl.Operation, acl.Permission));
    }

    private Authorizer Authorizer => _services.Security.Authorizer ?? throw new InvalidOperationException("The cluster was started without TestSecurityOptions.Authorization.");
}
