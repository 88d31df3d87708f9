namespace Milena.Kafka.Consumer.Internal.Groups;

/// <summary>What the shell of a membership has to do next.</summary>
internal abstract record GroupStep
{
    /// <summary>The membership is over.</summary>
    public sealed record End : GroupStep;

    /// <summary>Nothing until a time, or until something happens.</summary>
    public sealed record Wait(TimeSpan? Until) : GroupStep;

    /// <summary>Find out which broker coordinates the group; what was known of that is wrong.</summary>
    public sealed record FindCoordinator : GroupStep;

    /// <summary>Find out how many partitions topics have.</summary>
    public sealed record DescribeTopics(IReadOnlyCollection<string> Topics) : GroupStep;

    /// <summary>Start to look up the names of topics; the next step does not wait for that.</summary>
    public sealed record FindTopics(IReadOnlyCollection<Guid> Ids) : GroupStep;

    /// <summary>Ask the coordinator.</summary>
    public sealed record Call(int BrokerId, GroupCall Request) : GroupStep;
}
