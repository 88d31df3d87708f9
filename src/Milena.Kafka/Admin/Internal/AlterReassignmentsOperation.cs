using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Admin.Internal;

/// <summary>Moves partitions to other brokers, or takes moves back (KIP-455).</summary>
internal sealed class AlterReassignmentsOperation : Operation<TopicPartition, AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse, bool>
{
    private readonly IReadOnlyDictionary<TopicPartition, IReadOnlyList<int>?> _targets;
    private readonly bool _allowReplicationFactorChange;
    private readonly TimeSpan _timeout;

    public AlterReassignmentsOperation(IReadOnlyDictionary<TopicPartition, IReadOnlyList<int>?> targets, bool allowReplicationFactorChange, TimeSpan timeout)
    {
        _targets = targets;
        _allowReplicationFactorChange = allowReplicationFactorChange;
        _timeout = timeout;
    }

    public override Api Api => Apis.AlterPartitionReassignments;

    public override Route RouteOf(TopicPartition key) => Route.Controller;

    public override AlterPartitionReassignmentsRequest CreateRequest(IReadOnlyList<TopicPartition> keys, short version) => new()
    {
        TimeoutMs = (int)_timeout.TotalMilliseconds,
        AllowReplicationFactorChange = _allowReplicationFactorChange,
        Topics = keys.GroupBy(key => key.Topic).Select(topic => new AlterPartitionReassignmentsRequest.ReassignableTopic
        {
            Name = topic.Key,
            Partitions = topic.Select(key => new AlterPartitionReassignmentsRequest.ReassignablePartition
            {
                PartitionIndex = key.Partition,
                Replicas = _targets[key]?.ToList(),
            }).ToList(),
        }).ToList(),
    };

    public override void Read(IReadOnlyList<TopicPartition> keys, AlterPartitionReassignmentsResponse response, AnswerSheet<TopicPartition, bool> answers)
    {
        if (response.ErrorCode != ErrorCode.None)
        {
            foreach (TopicPartition key in keys)
            {
                answers.Fail(key, response.ErrorCode, response.ErrorMessage);
            }

            return;
        }

        foreach (AlterPartitionReassignmentsResponse.ReassignableTopicResponse topic in response.Responses)
        {
            foreach (AlterPartitionReassignmentsResponse.ReassignablePartitionResponse partition in topic.Partitions)
            {
                answers.Note(new TopicPartition(topic.Name, partition.PartitionIndex), partition.ErrorCode, partition.ErrorMessage, true);
            }
        }
    }

    public override RecoveryAction Decide(ErrorCode error) => AdminErrors.Decide(error);

    public override string Describe(TopicPartition key) => $"Moving {key}";
}
