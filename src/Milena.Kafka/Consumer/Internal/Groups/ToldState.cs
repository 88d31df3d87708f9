namespace Milena.Kafka.Consumer.Internal.Groups;

/// <summary>What a KIP-848 coordinator was told last and has taken in, so that heartbeats need not say it again.</summary>
internal sealed record ToldState(IReadOnlyList<string> Topics, IReadOnlySet<TopicIdPartition> Claimed);
