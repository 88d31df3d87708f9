using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Admin.Internal.Groups;

/// <summary>Asks coordinators from where share groups read.</summary>
internal sealed class ShareOffsetsOperation
    : Operation<string, DescribeShareGroupOffsetsRequest, DescribeShareGroupOffsetsResponse, AdminResults<TopicPartition, SharePartitionOffset?>>
{
    private readonly IReadOnlyDictionary<string, IReadOnlyCollection<TopicPartition>?> _wanted;

    /// <param name="wanted">The partitions of each group; null for all that it reads.</param>
    public ShareOffsetsOperation(IReadOnlyDictionary<string, IReadOnlyCollection<TopicPartition>?> wanted) => _wanted = wanted;

    public override Api Api => Apis.DescribeShareGroupOffsets;

    public override Route RouteOf(string key) => Route.ToCoordinator(CoordinatorKeyType.Group, key);

    public override DescribeShareGroupOffsetsRequest CreateRequest(IReadOnlyList<string> keys, short version) => new()
    {
        Groups = [.. keys.Select(group => new DescribeShareGroupOffsetsRequest.DescribeShareGroupOffsetsRequestGroup
        {
            GroupId = group,
            Topics = _wanted[group]?.GroupBy(p => p.Topic, p => p.Partition)
                .Select(topic => new DescribeShareGroupOffsetsRequest.DescribeShareGroupOffsetsRequestTopic { TopicName = topic.Key, Partitions = [.. topic] }).ToList(),
        })],
    };

    public override void Read(
        IReadOnlyList<string> keys, DescribeShareGroupOffsetsResponse response, AnswerSheet<string, AdminResults<TopicPartition, SharePartitionOffset?>> answers)
    {
        foreach (DescribeShareGroupOffsetsResponse.DescribeShareGroupOffsetsResponseGroup group in response.Groups)
        {
            var found = new Dictionary<TopicPartition, Answer<SharePartitionOffset?>>();
            foreach (DescribeShareGroupOffsetsResponse.DescribeShareGroupOffsetsResponseTopic topic in group.Topics)
            {
                topic.Partitions.ForEach(partition =>
                {
                    var key = new TopicPartition(topic.TopicName, partition.PartitionIndex);
                    found[key] = partition.ErrorCode == ErrorCode.None
                        ? Answer<SharePartitionOffset?>.Of(Read(partition))
                        : Answer<SharePartitionOffset?>.Failed(BrokerFault.Of($"{Describe(group.GroupId)} for {key}", partition.ErrorCode, partition.ErrorMessage));
                });
            }

            answers.Note(group.GroupId, group.ErrorCode, group.ErrorMessage, AdminResults<TopicPartition, SharePartitionOffset?>.From(found));
        }
    }

    public override string Describe(string key) => $"The offsets of share group '{key}'";

    private static SharePartitionOffset? Read(DescribeShareGroupOffsetsResponse.DescribeShareGroupOffsetsResponsePartition partition) =>
        partition.StartOffset < 0 ? null : new SharePartitionOffset(partition.StartOffset, partition.LeaderEpoch, partition.Lag >= 0 ? partition.Lag : null);
}
