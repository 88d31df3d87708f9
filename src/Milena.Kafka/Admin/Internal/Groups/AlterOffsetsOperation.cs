using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Admin.Internal.Groups;

/// <summary>Stores offsets of a group at its coordinator, from outside of the group.</summary>
internal sealed class AlterOffsetsOperation : Operation<TopicPartition, OffsetCommitRequest, OffsetCommitResponse, bool>
{
    private const short LastVersionWithTopicNames = 9;

    private readonly string _groupId;
    private readonly Dictionary<TopicPartition, PartitionOffset> _offsets;

    public AlterOffsetsOperation(string groupId, IEnumerable<PartitionOffset> offsets)
    {
        _groupId = groupId;
        _offsets = offsets.ToDictionary(offset => offset.Partition);
    }

    public IReadOnlyCollection<TopicPartition> Partitions => _offsets.Keys;

    public override Api Api => Apis.OffsetCommit;

    public override short MaxVersion => LastVersionWithTopicNames;

    public override Route RouteOf(TopicPartition key) => Route.ToCoordinator(CoordinatorKeyType.Group, _groupId);

    public override OffsetCommitRequest CreateRequest(IReadOnlyList<TopicPartition> keys, short version) => new()
    {
        GroupId = _groupId,
        Topics = [.. keys.GroupBy(key => key.Topic).Select(topic => new OffsetCommitRequest.OffsetCommitRequestTopic
        {
            Name = topic.Key,
            Partitions = [.. topic.Select(key => _offsets[key]).Select(offset => new OffsetCommitRequest.OffsetCommitRequestPartition
            {
                PartitionIndex = offset.Partition.Partition,
                CommittedOffset = offset.Offset,
                CommittedLeaderEpoch = offset.LeaderEpoch,
                CommittedMetadata = offset.Metadata ?? "",
            })],
        })],
    };

    public override void Read(IReadOnlyList<TopicPartition> keys, OffsetCommitResponse response, AnswerSheet<TopicPartition, bool> answers)
    {
        foreach (OffsetCommitResponse.OffsetCommitResponseTopic topic in response.Topics)
        {
            topic.Partitions.ForEach(partition => answers.Note(
                new TopicPartition(topic.Name, partition.PartitionIndex),
                partition.ErrorCode,
                partition.ErrorCode == ErrorCode.UnknownMemberId ? "the group has members, and they alone may store its offsets; stop them first" : null,
                true));
        }
    }

    public override string Describe(TopicPartition key) => $"Storing the offset of group '{_groupId}' for {key}";

    public override RecoveryAction Decide(ErrorCode error) => error == ErrorCode.RebalanceInProgress ? RecoveryAction.Retry : AdminErrors.Decide(error);
}
