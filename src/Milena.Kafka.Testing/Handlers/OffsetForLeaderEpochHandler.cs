using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.State;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Tells where a leader epoch ended.</summary>
internal sealed class OffsetForLeaderEpochHandler() : RequestHandler<OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse>(Apis.OffsetForLeaderEpoch)
{
    protected override OffsetForLeaderEpochResponse Handle(OffsetForLeaderEpochRequest request, RequestContext context) =>
        Answer(request, (topic, asked) => Find(topic, asked, context));

    protected override OffsetForLeaderEpochResponse Fail(OffsetForLeaderEpochRequest request, ErrorCode error, RequestContext context) =>
        Answer(request, (_, asked) => Failed(asked, error));

    protected override IEnumerable<(string Topic, int? Partition)> Targets(OffsetForLeaderEpochRequest request, RequestContext context) =>
        request.Topics.SelectMany(topic => topic.Partitions, (topic, partition) => (topic.Topic, (int?)partition.Partition));

    private static OffsetForLeaderEpochResponse Answer(
        OffsetForLeaderEpochRequest request,
        Func<string, OffsetForLeaderEpochRequest.OffsetForLeaderPartition, OffsetForLeaderEpochResponse.EpochEndOffset> answer) => new()
        {
            Topics = [.. request.Topics.Select(topic => new OffsetForLeaderEpochResponse.OffsetForLeaderTopicResult
            {
                Topic = topic.Topic,
                Partitions = [.. topic.Partitions.Select(partition => answer(topic.Topic, partition))],
            })],
        };

    private static OffsetForLeaderEpochResponse.EpochEndOffset Find(
        string topic,
        OffsetForLeaderEpochRequest.OffsetForLeaderPartition asked,
        RequestContext context)
    {
        PartitionState? partition = context.Cluster.Topic(topic)?.Partition(asked.Partition);
        ErrorCode error = context.ErrorBefore(topic, asked.Partition)
            ?? context.ErrorAfter(topic, asked.Partition)
            ?? partition?.CheckLeader(context.Broker.Id, asked.CurrentLeaderEpoch)
            ?? ErrorCode.UnknownTopicOrPartition;
        if (error != ErrorCode.None)
        {
            return Failed(asked, error);
        }

        (int epoch, long endOffset) = partition!.EndOfEpoch(asked.LeaderEpoch);
        return new OffsetForLeaderEpochResponse.EpochEndOffset { Partition = asked.Partition, LeaderEpoch = epoch, EndOffset = endOffset };
    }

    private static OffsetForLeaderEpochResponse.EpochEndOffset Failed(OffsetForLeaderEpochRequest.OffsetForLeaderPartition asked, ErrorCode error) => new()
    {
        Partition = asked.Partition,
        ErrorCode = error,
    };
}
