namespace Milena.Kafka;

/// <summary>Who someone is to the brokers.</summary>
/// <param name="Type">The type, which is <c>User</c> unless brokers have types of their own.</param>
/// <param name="Name">The name.</param>
public readonly record struct KafkaPrincipal(string Type, string Name)
{
    /// <summary>A user.</summary>
    /// <param name="name">The user's name.</param>
    public static KafkaPrincipal User(string name) => new("User", name);

    /// <summary>The form that rules have it in, such as <c>User:alice</c>.</summary>
    public override string ToString() => $"{Type}:{Name}";
}
