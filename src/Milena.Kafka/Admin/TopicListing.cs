namespace Milena.Kafka;

/// <summary>A topic in the list of all.</summary>
/// <param name="Name">The name.</param>
/// <param name="Id">The id; empty from brokers before 2.8.</param>
/// <param name="IsInternal">Whether the cluster keeps it for itself, as <c>__consumer_offsets</c>.</param>
public sealed record TopicListing(string Name, Guid Id, bool IsInternal);
