using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Admin.Internal.Groups;

/// <summary>Sets from where a share group reads.</summary>
internal sealed class AlterShareOffsetsOperation : Operation<TopicPartition, AlterShareGroupOffsetsRequest, AlterShareGroupOffsetsResponse, bool>
{
    private readonly string _groupId;
    private readonly IReadOnlyDictionary<TopicPartition, long> _offsets;

    public AlterShareOffsetsOperation(string groupId, IReadOnlyDictionary<TopicPartition, long> offsets)
    {
        _groupId = groupId;
        _offsets = offsets;
    }

    public override Api Api => Apis.AlterShareGroupOffsets;

    public override Route RouteOf(TopicPartition key) => Route.ToCoordinator(CoordinatorKeyType.Group, _groupId);

    public override AlterShareGroupOffsetsRequest CreateRequest(IReadOnlyList<TopicPartition> keys, short version) => new()
    {
        GroupId = _groupId,
        Topics = [.. keys.GroupBy(key => key.Topic).Select(topic => new AlterShareGroupOffsetsRequest.AlterShareGroupOffsetsRequestTopic
        {
            TopicName = topic.Key,
            Partitions = [.. topic.Select(key => new AlterShareGroupOffsetsRequest.AlterShareGroupOffsetsRequestPartition
            {
                PartitionIndex = key.Partition,
                StartOffset = _offsets[key],
            })],
        })],
    };

    public override void Read(IReadOnlyList<TopicPartition> keys, AlterShareGroupOffsetsResponse response, AnswerSheet<TopicPartition, bool> answers)
    {
        if (response.ErrorCode != ErrorCode.None)
        {
            answers.FailAll(keys, response.ErrorCode, response.ErrorMessage);
            return;
        }

        foreach (AlterShareGroupOffsetsResponse.AlterShareGroupOffsetsResponseTopic topic in response.Responses)
        {
            topic.Partitions.ForEach(partition => answers.Note(new TopicPartition(topic.TopicName, partition.PartitionIndex), partition.ErrorCode, partition.ErrorMessage, true));
        }
    }

    public override string Describe(TopicPartition key) => $"Setting the offset of share group '{_groupId}' for {key}";

    public override RecoveryAction Decide(ErrorCode error) => AdminErrors.Decide(error);
}
