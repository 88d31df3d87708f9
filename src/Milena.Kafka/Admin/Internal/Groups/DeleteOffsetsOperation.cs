using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Admin.Internal.Groups;

/// <summary>Has the coordinator of a group forget offsets.</summary>
internal sealed class DeleteOffsetsOperation : Operation<TopicPartition, OffsetDeleteRequest, OffsetDeleteResponse, bool>
{
    private readonly string _groupId;

    public DeleteOffsetsOperation(string groupId) => _groupId = groupId;

    public override Api Api => Apis.OffsetDelete;

    public override Route RouteOf(TopicPartition key) => Route.ToCoordinator(CoordinatorKeyType.Group, _groupId);

    public override OffsetDeleteRequest CreateRequest(IReadOnlyList<TopicPartition> keys, short version) => new()
    {
        GroupId = _groupId,
        Topics = [.. keys.GroupBy(key => key.Topic).Select(topic => new OffsetDeleteRequest.OffsetDeleteRequestTopic
        {
            Name = topic.Key,
            Partitions = [.. topic.Select(key => new OffsetDeleteRequest.OffsetDeleteRequestPartition { PartitionIndex = key.Partition })],
        })],
    };

    public override void Read(IReadOnlyList<TopicPartition> keys, OffsetDeleteResponse response, AnswerSheet<TopicPartition, bool> answers)
    {
        if (response.ErrorCode != ErrorCode.None)
        {
            answers.FailAll(keys, response.ErrorCode);
            return;
        }

        foreach (OffsetDeleteResponse.OffsetDeleteResponseTopic topic in response.Topics)
        {
            topic.Partitions.ForEach(partition => answers.Note(new TopicPartition(topic.Name, partition.PartitionIndex), partition.ErrorCode, null, true));
        }
    }

    public override string Describe(TopicPartition key) => $"Deleting the offset of group '{_groupId}' for {key}";

    public override RecoveryAction Decide(ErrorCode error) => AdminErrors.Decide(error);
}
