using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Consumer.Internal.Groups;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Consumer.Internal;

/// <summary>Asks the coordinator what a group has stored for partitions. Offsets of transactions that are not finished are waited for (KIP-447).</summary>
internal sealed class OffsetFetchOperation : Operation<TopicPartition, OffsetFetchRequest, OffsetFetchResponse, PartitionOffset?>
{
    private const short FirstVersionWithStability = 7;
    private const short FirstVersionOfGroups = 8;
    private const short FirstVersionWithTopicIds = 10;

    private readonly string _groupId;
    private readonly GroupIdentity? _member;
    private readonly MetadataCache _metadata;
    private TopicIds _ids;

    /// <summary>Creates the operation.</summary>
    /// <param name="groupId">The group.</param>
    /// <param name="member">The member that asks, so that it learns if it is none any more (KIP-848); null if that does not matter.</param>
    /// <param name="metadata">Where topics have their ids from.</param>
    public OffsetFetchOperation(string groupId, GroupIdentity? member, MetadataCache metadata)
    {
        _groupId = groupId;
        _member = member;
        _metadata = metadata;
        _ids = new TopicIds(metadata);
    }

    public override Api Api => Apis.OffsetFetch;

    public override Route RouteOf(TopicPartition key) => Route.ToCoordinator(CoordinatorKeyType.Group, _groupId);

    public override OffsetFetchRequest CreateRequest(IReadOnlyList<TopicPartition> keys, short version)
    {
        var request = new OffsetFetchRequest { RequireStable = version >= FirstVersionWithStability };
        if (version >= FirstVersionOfGroups)
        {
            _ids = new TopicIds(_metadata);
            request.Groups.Add(new OffsetFetchRequest.OffsetFetchRequestGroup
            {
                GroupId = _groupId,
                MemberId = _member?.MemberId,
                MemberEpoch = _member?.Generation ?? -1,
                Topics = [.. keys.GroupBy(k => k.Topic).Select(t => new OffsetFetchRequest.OffsetFetchRequestTopics
                {
                    Name = t.Key,
                    TopicId = _ids.Add(t.Key),
                    PartitionIndexes = [.. t.Select(k => k.Partition)],
                })],
            });
            return request;
        }

        request.GroupId = _groupId;
        request.Topics = [.. keys.GroupBy(k => k.Topic).Select(t => new OffsetFetchRequest.OffsetFetchRequestTopic { Name = t.Key, PartitionIndexes = [.. t.Select(k => k.Partition)] })];
        return request;
    }

    public override void Read(IReadOnlyList<TopicPartition> keys, OffsetFetchResponse response, AnswerSheet<TopicPartition, PartitionOffset?> answers)
    {
        ErrorCode error = response.Groups.Count > 0 ? response.Groups[0].ErrorCode : response.ErrorCode;
        if (error != ErrorCode.None)
        {
            foreach (TopicPartition key in keys)
            {
                answers.Fail(key, error);
            }

            return;
        }

        foreach (OffsetFetchResponse.OffsetFetchResponseTopic topic in response.Topics)
        {
            foreach (OffsetFetchResponse.OffsetFetchResponsePartition partition in topic.Partitions)
            {
                var key = new TopicPartition(topic.Name, partition.PartitionIndex);
                Note(answers, partition.ErrorCode, new PartitionOffset(key, partition.CommittedOffset, partition.CommittedLeaderEpoch, partition.Metadata));
            }
        }

        foreach (OffsetFetchResponse.OffsetFetchResponseTopics topic in response.Groups.SelectMany(g => g.Topics))
        {
            foreach ((string name, OffsetFetchResponse.OffsetFetchResponsePartitions partition) in
                _ids.NamesOf(topic.Name, topic.TopicId).SelectMany(n => topic.Partitions.Select(p => (n, p))))
            {
                var key = new TopicPartition(name, partition.PartitionIndex);
                Note(answers, partition.ErrorCode, new PartitionOffset(key, partition.CommittedOffset, partition.CommittedLeaderEpoch, partition.Metadata));
            }
        }
    }

    public override string Describe(TopicPartition key) => $"The committed offset of group '{_groupId}' for {key}";

    // What the membership has to do with it, the lookup settles.
    public override RecoveryAction Decide(ErrorCode error) => error == ErrorCode.StaleMemberEpoch ? RecoveryAction.Rejoin : Recovery.Decide(error);

    private static void Note(AnswerSheet<TopicPartition, PartitionOffset?> answers, ErrorCode error, PartitionOffset found)
    {
        if (error == ErrorCode.None)
        {
            answers.Succeed(found.Partition, found.Offset >= 0 ? found : null);
        }
        else
        {
            answers.Fail(found.Partition, error);
        }
    }
}
