using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Admin.Internal.Groups;

/// <summary>Asks coordinators what groups have stored, several groups in one request (KIP-709).</summary>
internal sealed class FetchOffsetsOperation : Operation<string, OffsetFetchRequest, OffsetFetchResponse, AdminResults<TopicPartition, PartitionOffset?>>
{
    private const short FirstVersionOfGroups = 8;
    private const short LastVersionWithTopicNames = 9;

    private readonly IReadOnlyDictionary<string, IReadOnlyCollection<TopicPartition>?> _wanted;
    private readonly bool _requireStable;

    /// <summary>Creates the operation.</summary>
    /// <param name="wanted">The partitions of each group; null for all that it has stored something for.</param>
    /// <param name="requireStable">Whether to wait for transactions that change offsets.</param>
    public FetchOffsetsOperation(IReadOnlyDictionary<string, IReadOnlyCollection<TopicPartition>?> wanted, bool requireStable)
    {
        _wanted = wanted;
        _requireStable = requireStable;
    }

    public override Api Api => Apis.OffsetFetch;

    // Groups keep offsets of topics that metadata does not know any more: they have no id to be asked by.
    public override short MaxVersion => LastVersionWithTopicNames;

    public override int KeysPerRequest(short version) => version >= FirstVersionOfGroups ? int.MaxValue : 1;

    public override Route RouteOf(string key) => Route.ToCoordinator(CoordinatorKeyType.Group, key);

    public override OffsetFetchRequest CreateRequest(IReadOnlyList<string> keys, short version)
    {
        if (version >= FirstVersionOfGroups)
        {
            return new OffsetFetchRequest
            {
                RequireStable = _requireStable,
                Groups = [.. keys.Select(group => new OffsetFetchRequest.OffsetFetchRequestGroup
                {
                    GroupId = group,
                    Topics = _wanted[group]?.GroupBy(p => p.Topic, p => p.Partition)
                        .Select(topic => new OffsetFetchRequest.OffsetFetchRequestTopics { Name = topic.Key, PartitionIndexes = [.. topic] }).ToList(),
                })],
            };
        }

        return new OffsetFetchRequest
        {
            RequireStable = _requireStable,
            GroupId = keys[0],
            Topics = _wanted[keys[0]]?.GroupBy(p => p.Topic, p => p.Partition)
                .Select(topic => new OffsetFetchRequest.OffsetFetchRequestTopic { Name = topic.Key, PartitionIndexes = [.. topic] }).ToList(),
        };
    }

    public override void Read(IReadOnlyList<string> keys, OffsetFetchResponse response, AnswerSheet<string, AdminResults<TopicPartition, PartitionOffset?>> answers)
    {
        if (response.Groups.Count == 0)
        {
            Note(keys[0], response.ErrorCode, response.Topics.SelectMany(topic => topic.Partitions.Select(p =>
                (new PartitionOffset(new TopicPartition(topic.Name, p.PartitionIndex), p.CommittedOffset, p.CommittedLeaderEpoch, p.Metadata), p.ErrorCode))), answers);
        }

        foreach (OffsetFetchResponse.OffsetFetchResponseGroup group in response.Groups)
        {
            Note(group.GroupId, group.ErrorCode, group.Topics.SelectMany(topic => topic.Partitions.Select(p =>
                (new PartitionOffset(new TopicPartition(topic.Name, p.PartitionIndex), p.CommittedOffset, p.CommittedLeaderEpoch, p.Metadata), p.ErrorCode))), answers);
        }
    }

    public override string Describe(string key) => $"The offsets of group '{key}'";

    private void Note(
        string group, ErrorCode error, IEnumerable<(PartitionOffset Found, ErrorCode Error)> partitions, AnswerSheet<string, AdminResults<TopicPartition, PartitionOffset?>> answers)
    {
        var found = new Dictionary<TopicPartition, Answer<PartitionOffset?>>();
        foreach ((PartitionOffset offset, ErrorCode own) in partitions)
        {
            // The group as a whole is asked again, as long as there is time.
            error = own == ErrorCode.UnstableOffsetCommit ? own : error;
            found[offset.Partition] = own == ErrorCode.None
                ? Answer<PartitionOffset?>.Of(offset.Offset >= 0 ? offset : null)
                : Answer<PartitionOffset?>.Failed(BrokerFault.Of($"{Describe(group)} for {offset.Partition}", own, null));
        }

        answers.Note(group, error, null, AdminResults<TopicPartition, PartitionOffset?>.From(found));
    }
}
