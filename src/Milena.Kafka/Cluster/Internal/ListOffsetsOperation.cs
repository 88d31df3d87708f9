using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Cluster.Internal;

/// <summary>Asks the leaders of partitions for the offset of a time, or of an end of the log.</summary>
internal sealed class ListOffsetsOperation : Operation<TopicPartition, ListOffsetsRequest, ListOffsetsResponse, FoundOffset>
{
    private readonly Func<TopicPartition, long> _timestampOf;
    private readonly IsolationLevel _isolation;
    private readonly TimeSpan _timeout;

    /// <param name="timestampOf">The time in milliseconds, or a <see cref="ListOffsetsTimestamp"/>, of each partition.</param>
    /// <param name="isolation">Whether offsets of open transactions count.</param>
    /// <param name="timeout">How long a broker may look in tiered storage.</param>
    /// <param name="topicPatience">How long a topic is looked for that metadata does not know; null: as long as the client's operations may take.</param>
    public ListOffsetsOperation(Func<TopicPartition, long> timestampOf, IsolationLevel isolation, TimeSpan timeout, TimeSpan? topicPatience = null)
    {
        TopicPatience = topicPatience;
        _timestampOf = timestampOf;
        _isolation = isolation;
        _timeout = timeout;
    }

    public override Api Api => Apis.ListOffsets;

    public override TimeSpan? TopicPatience { get; }

    public override Route RouteOf(TopicPartition key) => Route.ToLeader(key);

    public override short MinVersionOf(TopicPartition key) => (ListOffsetsTimestamp)_timestampOf(key) switch
    {
        ListOffsetsTimestamp.MaxTimestamp => 7,
        ListOffsetsTimestamp.EarliestLocal => 8,
        ListOffsetsTimestamp.LatestTiered => 9,
        ListOffsetsTimestamp.EarliestPendingUpload => 11,
        _ => 0,
    };

    public override ListOffsetsRequest CreateRequest(IReadOnlyList<TopicPartition> keys, short version) => new()
    {
        ReplicaId = -1,
        IsolationLevel = (sbyte)_isolation,
        TimeoutMs = (int)_timeout.TotalMilliseconds,
        Topics = keys.GroupBy(k => k.Topic).Select(topic => new ListOffsetsRequest.ListOffsetsTopic
        {
            Name = topic.Key,
            Partitions = topic.Select(k => new ListOffsetsRequest.ListOffsetsPartition { PartitionIndex = k.Partition, Timestamp = _timestampOf(k) }).ToList(),
        }).ToList(),
    };

    public override void Read(IReadOnlyList<TopicPartition> keys, ListOffsetsResponse response, AnswerSheet<TopicPartition, FoundOffset> answers)
    {
        foreach (ListOffsetsResponse.ListOffsetsTopicResponse topic in response.Topics)
        {
            foreach (ListOffsetsResponse.ListOffsetsPartitionResponse partition in topic.Partitions)
            {
                var key = new TopicPartition(topic.Name, partition.PartitionIndex);
                if (partition.ErrorCode == ErrorCode.UnsupportedForMessageFormat)
                {
                    // A log of magic 0 has no times, so no record has one that is late enough.
                    answers.Succeed(key, new FoundOffset(-1, -1, -1));
                }
                else if (partition.ErrorCode != ErrorCode.None)
                {
                    answers.Fail(key, partition.ErrorCode);
                }
                else
                {
                    long offset = partition.OldStyleOffsets is [long first, ..] ? first : partition.Offset;
                    answers.Succeed(key, new FoundOffset(offset, partition.Timestamp, partition.LeaderEpoch));
                }
            }
        }
    }
}
