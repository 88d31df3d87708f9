using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Producer.Internal.Transactions;

/// <summary>Gives the coordinator of a group the offsets that count once the transaction is committed (KIP-447).</summary>
internal sealed class CommitOffsetsOperation : Operation<TopicPartition, TxnOffsetCommitRequest, TxnOffsetCommitResponse, bool>
{
    private const short LowestWithMember = 3;

    /// <summary>How many answers may say that a topic is not known. One that was just made is, after a few pauses.</summary>
    private const int MaxUnknowns = 4;

    private readonly string _id;
    private readonly ProducerIdentity _identity;
    private readonly TransactionProtocol _protocol;
    private readonly ConsumerGroupMetadata _group;
    private readonly IReadOnlyDictionary<TopicPartition, PartitionOffset> _offsets;
    private int _unknowns;

    public CommitOffsetsOperation(
        string id, ProducerIdentity identity, TransactionProtocol protocol, ConsumerGroupMetadata group, IReadOnlyDictionary<TopicPartition, PartitionOffset> offsets)
    {
        _id = id;
        _identity = identity;
        _protocol = protocol;
        _group = group;
        _offsets = offsets;
    }

    public override Api Api => Apis.TxnOffsetCommit;

    public override bool IsInline => true;

    public override short MaxVersion => _protocol.MaxOffsetCommitVersion;

    public override Route RouteOf(TopicPartition key) => Route.ToCoordinator(CoordinatorKeyType.Group, _group.GroupId);

    public override TxnOffsetCommitRequest CreateRequest(IReadOnlyList<TopicPartition> keys, short version)
    {
        var request = new TxnOffsetCommitRequest { TransactionalId = _id, GroupId = _group.GroupId, ProducerId = _identity.Id, ProducerEpoch = _identity.Epoch };
        if (version >= LowestWithMember)
        {
            request.GenerationIdOrMemberEpoch = _group.Generation;
            request.MemberId = _group.MemberId;
            request.GroupInstanceId = _group.InstanceId;
        }
        else if (_group.MemberId.Length > 0 || _group.Generation >= 0)
        {
            // There only the transactional id fences: a member that has lost its partitions would commit them all the same.
            throw new UnsupportedVersionException(
                $"The coordinator of group '{_group.GroupId}' is older than Kafka 2.5 and cannot check the membership of who commits in a transaction (KIP-447). "
                + "Give each partition a producer with a TransactionalId of its own, and name the group without a member.");
        }

        foreach (IGrouping<string, TopicPartition> topic in keys.GroupBy(k => k.Topic, StringComparer.Ordinal))
        {
            var committed = new TxnOffsetCommitRequest.TxnOffsetCommitRequestTopic { Name = topic.Key };
            committed.Partitions.AddRange(topic.Select(p => _offsets[p]).Select(o => new TxnOffsetCommitRequest.TxnOffsetCommitRequestPartition
            {
                PartitionIndex = o.Partition.Partition,
                CommittedOffset = o.Offset,
                CommittedLeaderEpoch = o.LeaderEpoch,
                CommittedMetadata = o.Metadata ?? "",
            }));
            request.Topics.Add(committed);
        }

        return request;
    }

    public override void Read(IReadOnlyList<TopicPartition> keys, TxnOffsetCommitResponse response, AnswerSheet<TopicPartition, bool> answers)
    {
        _unknowns += response.Topics.SelectMany(t => t.Partitions).Any(p => p.ErrorCode == ErrorCode.UnknownTopicOrPartition) ? 1 : 0;
        foreach (TxnOffsetCommitResponse.TxnOffsetCommitResponseTopic topic in response.Topics)
        {
            foreach (TxnOffsetCommitResponse.TxnOffsetCommitResponsePartition partition in topic.Partitions)
            {
                var key = new TopicPartition(topic.Name, partition.PartitionIndex);
                if (partition.ErrorCode == ErrorCode.None)
                {
                    answers.Succeed(key, true);
                }
                else
                {
                    answers.Fail(key, partition.ErrorCode);
                }
            }
        }
    }

    public override string Describe(TopicPartition key) => $"Committing the offset of {key} for the group {_group} in the transaction of '{_id}'";

    public override RecoveryAction Decide(ErrorCode error) => error == ErrorCode.UnknownTopicOrPartition && _unknowns > MaxUnknowns
        ? RecoveryAction.Fail
        : TransactionErrors.Decide(TransactionStep.CommitOffsets, error);
}
