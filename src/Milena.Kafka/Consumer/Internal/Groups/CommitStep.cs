namespace Milena.Kafka.Consumer.Internal.Groups;

/// <summary>What the shell of the commits has to do next.</summary>
internal abstract record CommitStep
{
    /// <summary>Nothing before the standing has changed, or until a time.</summary>
    public sealed record Wait(TimeSpan Until) : CommitStep;

    /// <summary>Ask the coordinator, as whom the standing says, and tell what came of it before anything else is asked.</summary>
    public sealed record Send(IReadOnlyList<CommitEntry> Entries, CommitStanding Standing, TimeSpan Until) : CommitStep;
}
