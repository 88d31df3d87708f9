using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Admin.Internal;

/// <summary>Describes topics by name or by id with Metadata, all partitions at once.</summary>
/// <typeparam name="TKey">A name, or an id.</typeparam>
internal sealed class DescribeTopicsOperation<TKey> : Operation<TKey, MetadataRequest, MetadataResponse, TopicDescription>
    where TKey : notnull
{
    private const short FirstVersionByIds = 12;

    private readonly Func<TKey, MetadataRequest.MetadataRequestTopic> _toWire;
    private readonly bool _includeAuthorizedOperations;

    public DescribeTopicsOperation(Func<TKey, MetadataRequest.MetadataRequestTopic> toWire, bool includeAuthorizedOperations)
    {
        _toWire = toWire;
        _includeAuthorizedOperations = includeAuthorizedOperations;
    }

    public override Api Api => Apis.Metadata;

    public override Route RouteOf(TKey key) => Route.Any;

    public override short MinVersionOf(TKey key) => key is Guid ? FirstVersionByIds : (short)0;

    public override MetadataRequest CreateRequest(IReadOnlyList<TKey> keys, short version) => new()
    {
        Topics = keys.Select(_toWire).ToList(),
        AllowAutoTopicCreation = version < 4,
        IncludeTopicAuthorizedOperations = _includeAuthorizedOperations,
    };

    public override void Read(IReadOnlyList<TKey> keys, MetadataResponse response, AnswerSheet<TKey, TopicDescription> answers)
    {
        foreach (TKey key in keys)
        {
            MetadataRequest.MetadataRequestTopic asked = _toWire(key);
            MetadataResponse.MetadataResponseTopic? topic = response.Topics.Find(t => asked.Name is null ? t.TopicId == asked.TopicId : t.Name == asked.Name);
            if (topic is { ErrorCode: ErrorCode.None })
            {
                answers.Succeed(key, Describe(topic));
            }
            else
            {
                answers.Fail(key, topic?.ErrorCode ?? ErrorCode.UnknownTopicOrPartition);
            }
        }
    }

    public override RecoveryAction Decide(ErrorCode error) => AdminErrors.Decide(error);

    public override string Describe(TKey key) => key is Guid id ? $"Describing the topic with id {Uuid.ToText(id)}" : $"Describing topic '{key}'";

    private static TopicDescription Describe(MetadataResponse.MetadataResponseTopic topic)
    {
        IEnumerable<PartitionDescription> partitions = topic.Partitions.Select(p => new PartitionDescription(p.PartitionIndex, p.LeaderId < 0 ? null : p.LeaderId, p.ReplicaNodes, p.IsrNodes)
        {
            LeaderEpoch = p.LeaderEpoch < 0 ? null : p.LeaderEpoch,
            OfflineReplicas = p.OfflineReplicas,
        });
        return new TopicDescription(topic.Name ?? "", topic.TopicId, topic.IsInternal, [.. partitions.OrderBy(p => p.Partition)])
        {
            AuthorizedOperations = AuthorizedOperations.Read(topic.TopicAuthorizedOperations),
        };
    }
}
