namespace Milena.Kafka;

/// <summary>Which groups are listed. What is empty lets all pass.</summary>
public sealed class ListGroupsOptions : AdminOptions
{
    /// <summary>Only groups in these states.</summary>
    /// <value>Empty: all. Needs brokers from 2.6 (KIP-518).</value>
    public IReadOnlyCollection<GroupState> States { get; init; } = [];

    /// <summary>Only groups of these types.</summary>
    /// <value>Empty: all. Needs brokers from 3.8 (KIP-848).</value>
    public IReadOnlyCollection<GroupType> Types { get; init; } = [];

    /// <summary>Only groups whose members are these, such as <c>consumer</c>; an empty text stands for groups that only store offsets.</summary>
    /// <value>Empty: all. The client picks these out itself (KIP-1043), so that any broker will do.</value>
    public IReadOnlyCollection<string> ProtocolTypes { get; init; } = [];
}
