using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Consumer.Internal.Groups;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Consumer.Internal;

/// <summary>Stores offsets of a group at its coordinator.</summary>
internal sealed class OffsetCommitOperation : Operation<TopicPartition, OffsetCommitRequest, OffsetCommitResponse, bool>
{
    private const short FirstVersionWithInstances = 7;

    private readonly GroupIdentity _identity;
    private readonly MetadataCache _metadata;
    private readonly Dictionary<TopicPartition, PartitionOffset> _offsets;
    private TopicIds _ids;
    private bool _hasAskedAgain;

    public OffsetCommitOperation(GroupIdentity identity, MetadataCache metadata, Dictionary<TopicPartition, PartitionOffset> offsets)
    {
        _identity = identity;
        _metadata = metadata;
        _offsets = offsets;
        _ids = new TopicIds(metadata);
    }

    public override Api Api => Apis.OffsetCommit;

    public override Route RouteOf(TopicPartition key) => Route.ToCoordinator(CoordinatorKeyType.Group, _identity.GroupId);

    public override OffsetCommitRequest CreateRequest(IReadOnlyList<TopicPartition> keys, short version)
    {
        _ids = new TopicIds(_metadata);
        return new OffsetCommitRequest
        {
            GroupId = _identity.GroupId,
            MemberId = _identity.MemberId,
            GenerationIdOrMemberEpoch = _identity.Generation,
            GroupInstanceId = version >= FirstVersionWithInstances ? _identity.InstanceId : null,
            Topics = [.. keys.GroupBy(k => k.Topic).Select(t => new OffsetCommitRequest.OffsetCommitRequestTopic
            {
                Name = t.Key,
                TopicId = _ids.Add(t.Key),
                Partitions = [.. t.Select(k => new OffsetCommitRequest.OffsetCommitRequestPartition
                {
                    PartitionIndex = k.Partition,
                    CommittedOffset = _offsets[k].Offset,
                    CommittedLeaderEpoch = _offsets[k].LeaderEpoch,
                    CommittedMetadata = _offsets[k].Metadata ?? "",
                })],
            })],
        };
    }

    public override void Read(IReadOnlyList<TopicPartition> keys, OffsetCommitResponse response, AnswerSheet<TopicPartition, bool> answers)
    {
        foreach (OffsetCommitResponse.OffsetCommitResponseTopic topic in response.Topics)
        {
            foreach (string name in _ids.NamesOf(topic.Name, topic.TopicId))
            {
                topic.Partitions.ForEach(p => Note(answers, new TopicPartition(name, p.PartitionIndex), p.ErrorCode));
            }
        }
    }

    public override string Describe(TopicPartition key) => $"The commit of group '{_identity.GroupId}' for {key}";

    private static void Note(AnswerSheet<TopicPartition, bool> answers, TopicPartition key, ErrorCode error)
    {
        if (error == ErrorCode.None)
        {
            answers.Succeed(key, true);
        }
        else
        {
            answers.Fail(key, error);
        }
    }

    public override RecoveryAction Decide(ErrorCode error)
    {
        switch (error)
        {
            case ErrorCode.StaleMemberEpoch or ErrorCode.FencedInstanceId or ErrorCode.GroupIdNotFound:
                // What the membership has to do with it, the committer settles.
                return RecoveryAction.Rejoin;
            case ErrorCode.UnknownTopicOrPartition or ErrorCode.UnknownTopicId when _hasAskedAgain:
                // The topic was deleted; a rebalance must not wait for it to come back.
                return RecoveryAction.Fail;
            case ErrorCode.UnknownTopicOrPartition or ErrorCode.UnknownTopicId:
                _hasAskedAgain = true;
                return RecoveryAction.RefreshMetadata;
            default:
                return Recovery.Decide(error);
        }
    }
}
