namespace Milena.Kafka.Testing.Security;

/// <summary>Who a client is: a type, which is User here, and a name.</summary>
internal readonly record struct Principal(string Type, string Name)
{
    public const string UserType = "User";

    public static Principal User(string name) => new(UserType, name);

    /// <summary>The form that rules have it in.</summary>
    public override string ToString() => $"{Type}:{Name}";
}
