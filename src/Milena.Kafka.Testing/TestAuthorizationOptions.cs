namespace Milena.Kafka.Testing;

/// <summary>Who may do what in a <see cref="TestCluster"/>.</summary>
public sealed class TestAuthorizationOptions
{
    /// <summary>Principals that may do everything, such as <c>User:admin</c>.</summary>
    /// <remarks>Kafka calls this <c>super.users</c>.</remarks>
    public ICollection<string> SuperUsers { get; } = new List<string>();

    /// <summary>The rules at the start; clients may add and remove some.</summary>
    public ICollection<TestAcl> Acls { get; } = new List<TestAcl>();

    /// <summary>Whether everyone may use what no rule names.</summary>
    /// <value><see langword="false"/>.</value>
    /// <remarks>Kafka calls this <c>allow.everyone.if.no.acl.found</c>.</remarks>
    public bool AllowEveryoneWithoutAcl { get; set; }

    internal TestAuthorizationOptions Copy()
    {
        var copy = new TestAuthorizationOptions { AllowEveryoneWithoutAcl = AllowEveryoneWithoutAcl };
        foreach (string user in SuperUsers)
        {
            copy.SuperUsers.Add(user);
        }

        foreach (TestAcl acl in Acls)
        {
            copy.Acls.Add(acl);
        }

        return copy;
    }
}
