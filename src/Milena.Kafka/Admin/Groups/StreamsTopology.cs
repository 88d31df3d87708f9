namespace Milena.Kafka;

/// <summary>What a Streams group runs.</summary>
/// <param name="Epoch">Its version.</param>
/// <param name="Subtopologies">Its parts.</param>
public sealed record StreamsTopology(int Epoch, IReadOnlyList<StreamsSubtopology> Subtopologies);
