using Milena.Kafka.Protocol;
using Milena.Kafka.Testing.State;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>What is asked of each partition whose position is to be stored, at once or in a transaction.</summary>
internal static class CommitCheck
{
    private const int MaxMetadataLength = 4096;

    /// <summary>Why the position may not be stored; null if it may.</summary>
    public static ErrorCode? Refuse(TopicState? topic, int partition, string? metadata, RequestContext context, short firstVersionWithTopicIds)
    {
        if (context.ErrorBefore(topic?.Name, partition) is { } planned)
        {
            return planned;
        }

        if (topic?.Partition(partition) is null)
        {
            return topic is null && context.Version >= firstVersionWithTopicIds ? ErrorCode.UnknownTopicId : ErrorCode.UnknownTopicOrPartition;
        }

        return metadata is { Length: > MaxMetadataLength } ? ErrorCode.OffsetMetadataTooLarge : null;
    }
}
