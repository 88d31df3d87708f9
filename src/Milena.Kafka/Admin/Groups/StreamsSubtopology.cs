namespace Milena.Kafka;

/// <summary>A part of a topology, which is run in tasks, one for each partition.</summary>
/// <param name="Id">Its id.</param>
/// <param name="SourceTopics">What it reads.</param>
/// <param name="RepartitionSinkTopics">What it writes for other parts to read.</param>
/// <param name="RepartitionSourceTopics">What it reads of other parts.</param>
/// <param name="StateChangelogTopics">Where its state is kept.</param>
public sealed record StreamsSubtopology(
    string Id,
    IReadOnlyList<string> SourceTopics,
    IReadOnlyList<string> RepartitionSinkTopics,
    IReadOnlyList<StreamsTopic> RepartitionSourceTopics,
    IReadOnlyList<StreamsTopic> StateChangelogTopics);
