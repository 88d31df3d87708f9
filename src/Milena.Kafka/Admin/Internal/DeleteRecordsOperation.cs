using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Admin.Internal;

/// <summary>Deletes the records before an offset; each leader answers with the new start of the log.</summary>
internal sealed class DeleteRecordsOperation : Operation<TopicPartition, DeleteRecordsRequest, DeleteRecordsResponse, long>
{
    private readonly IReadOnlyDictionary<TopicPartition, long> _before;
    private readonly TimeSpan _timeout;

    public DeleteRecordsOperation(IReadOnlyDictionary<TopicPartition, long> before, TimeSpan timeout)
    {
        _before = before;
        _timeout = timeout;
    }

    public override Api Api => Apis.DeleteRecords;

    public override TimeSpan? TopicPatience => AdminErrors.TopicPatience;

    public override Route RouteOf(TopicPartition key) => Route.ToLeader(key);

    public override DeleteRecordsRequest CreateRequest(IReadOnlyList<TopicPartition> keys, short version) => new()
    {
        TimeoutMs = (int)_timeout.TotalMilliseconds,
        Topics = keys.GroupBy(key => key.Topic).Select(topic => new DeleteRecordsRequest.DeleteRecordsTopic
        {
            Name = topic.Key,
            Partitions = topic.Select(key => new DeleteRecordsRequest.DeleteRecordsPartition { PartitionIndex = key.Partition, Offset = _before[key] }).ToList(),
        }).ToList(),
    };

    public override void Read(IReadOnlyList<TopicPartition> keys, DeleteRecordsResponse response, AnswerSheet<TopicPartition, long> answers)
    {
        foreach (DeleteRecordsResponse.DeleteRecordsTopicResult topic in response.Topics)
        {
            foreach (DeleteRecordsResponse.DeleteRecordsPartitionResult partition in topic.Partitions)
            {
                answers.Note(new TopicPartition(topic.Name, partition.PartitionIndex), partition.ErrorCode, null, partition.LowWatermark);
            }
        }
    }

    public override string Describe(TopicPartition key) => $"Deleting records of {key}";
}
