using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Admin.Internal;

/// <summary>Fetches one page of the partitions of topics (KIP-966).</summary>
internal sealed class TopicPageOperation : SingleOperation<DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse, DescribeTopicPartitionsResponse>
{
    private readonly IEnumerable<string> _topics;
    private readonly DescribeTopicPartitionsResponse.Cursor? _from;
    private readonly int _limit;

    public TopicPageOperation(IEnumerable<string> topics, DescribeTopicPartitionsResponse.Cursor? from, int limit)
    {
        _topics = topics;
        _from = from;
        _limit = limit;
    }

    public override Api Api => Apis.DescribeTopicPartitions;

    public override string Describe(Route key) => "Describing topics";

    protected override DescribeTopicPartitionsRequest CreateRequest(short version) => new()
    {
        Topics = _topics.Select(name => new DescribeTopicPartitionsRequest.TopicRequest { Name = name }).ToList(),
        ResponsePartitionLimit = _limit,
        Cursor = _from is null ? null : new DescribeTopicPartitionsRequest.CursorStruct { TopicName = _from.TopicName, PartitionIndex = _from.PartitionIndex },
    };

    protected override DescribeTopicPartitionsResponse Read(DescribeTopicPartitionsResponse response) => response;
}
