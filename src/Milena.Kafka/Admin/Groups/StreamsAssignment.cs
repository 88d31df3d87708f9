namespace Milena.Kafka;

/// <summary>The tasks of a member of a Streams group.</summary>
/// <param name="Active">Those that it runs.</param>
/// <param name="Standby">Those whose state it keeps for the case that another fails.</param>
/// <param name="Warmup">Those whose state it fetches in order to run them.</param>
public sealed record StreamsAssignment(IReadOnlyList<StreamsTask> Active, IReadOnlyList<StreamsTask> Standby, IReadOnlyList<StreamsTask> Warmup)
{
    internal static StreamsAssignment Empty { get; } = new([], [], []);
}
