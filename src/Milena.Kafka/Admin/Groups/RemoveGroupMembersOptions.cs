namespace Milena.Kafka;

/// <summary>How members are removed from a group.</summary>
public sealed class RemoveGroupMembersOptions : AdminOptions
{
    /// <summary>Why, for the logs of the brokers. At most 255 characters go over the wire, those before them first.</summary>
    /// <value>Null: that an administrator did it. Brokers before 3.2 are not told (KIP-800).</value>
    public string? Reason { get; init; }
}
