using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Producer.Internal.Transactions;

/// <summary>Enrols partitions in the running transaction; first generation of the protocol only.</summary>
internal sealed class AddPartitionsOperation : Operation<TopicPartition, AddPartitionsToTxnRequest, AddPartitionsToTxnResponse, bool>
{
    private readonly string _id;
    private readonly ProducerIdentity _identity;

    public AddPartitionsOperation(string id, ProducerIdentity identity)
    {
        _id = id;
        _identity = identity;
    }

    public override Api Api => Apis.AddPartitionsToTxn;

    public override bool IsInline => true;

    // Later versions are for brokers among themselves.
    public override short MaxVersion => 3;

    public override Route RouteOf(TopicPartition key) => Route.ToCoordinator(CoordinatorKeyType.Transaction, _id);

    public override AddPartitionsToTxnRequest CreateRequest(IReadOnlyList<TopicPartition> keys, short version)
    {
        var request = new AddPartitionsToTxnRequest { V3AndBelowTransactionalId = _id, V3AndBelowProducerId = _identity.Id, V3AndBelowProducerEpoch = _identity.Epoch };
        foreach (IGrouping<string, TopicPartition> topic in keys.GroupBy(k => k.Topic, StringComparer.Ordinal))
        {
            var added = new AddPartitionsToTxnRequest.AddPartitionsToTxnTopic { Name = topic.Key };
            added.Partitions.AddRange(topic.Select(p => p.Partition));
            request.V3AndBelowTopics.Add(added);
        }

        return request;
    }

    public override void Read(IReadOnlyList<TopicPartition> keys, AddPartitionsToTxnResponse response, AnswerSheet<TopicPartition, bool> answers)
    {
        foreach (AddPartitionsToTxnResponse.AddPartitionsToTxnTopicResult topic in response.ResultsByTopicV3AndBelow)
        {
            foreach (AddPartitionsToTxnResponse.AddPartitionsToTxnPartitionResult partition in topic.ResultsByPartition)
            {
                var key = new TopicPartition(topic.Name, partition.PartitionIndex);
                if (partition.PartitionErrorCode == ErrorCode.None)
                {
                    answers.Succeed(key, true);
                }
                else
                {
                    answers.Fail(key, partition.PartitionErrorCode);
                }
            }
        }
    }

    public override string Describe(TopicPartition key) => $"Adding {key} to the transaction of '{_id}'";

    public override RecoveryAction Decide(ErrorCode error) => TransactionErrors.Decide(TransactionStep.AddPartitions, error);
}
