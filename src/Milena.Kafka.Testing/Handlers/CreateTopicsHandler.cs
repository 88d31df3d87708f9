using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.State;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Creates topics.</summary>
internal sealed class CreateTopicsHandler() : RequestHandler<CreateTopicsRequest, CreateTopicsResponse>(Apis.CreateTopics)
{
    private const short FirstStrictVersion = 6;

    protected override CreateTopicsResponse Handle(CreateTopicsRequest request, RequestContext context)
    {
        HashSet<string> repeated = [.. request.Topics.GroupBy(topic => topic.Name).Where(same => same.Count() > 1).Select(same => same.Key)];
        return new CreateTopicsResponse
        {
            Topics = [.. request.Topics.DistinctBy(topic => topic.Name).Select(topic => repeated.Contains(topic.Name)
                ? Failed(topic.Name, ErrorCode.InvalidRequest, "Duplicate topic name.")
                : Create(topic, request.ValidateOnly, context))],
        };
    }

    protected override CreateTopicsResponse Fail(CreateTopicsRequest request, ErrorCode error, RequestContext context) => new()
    {
        Topics = [.. request.Topics.Select(topic => Failed(topic.Name, error, error.Meaning()))],
    };

    private static CreateTopicsResponse.CreatableTopicResult Create(CreateTopicsRequest.CreatableTopic wanted, bool validateOnly, RequestContext context)
    {
        if (!context.Allows(ResourceType.Cluster, RequestContext.ClusterName, AclOperation.Create) && !context.Allows(ResourceType.Topic, wanted.Name, AclOperation.Create))
        {
            return Failed(wanted.Name, ErrorCode.TopicAuthorizationFailed, "Authorization failed.");
        }

        if (AssignmentFault(wanted) is { } fault)
        {
            return Failed(wanted.Name, fault.Code, fault.Message);
        }

        // The defaults came with version 4, but brokers give them at any: kafkajs asks for them in version 3.
        var topic = new NewTopic(
            wanted.Name,
            wanted.NumPartitions,
            wanted.ReplicationFactor,
            wanted.Assignments.Count == 0 ? null : [.. wanted.Assignments.OrderBy(assignment => assignment.PartitionIndex).Select(assignment => assignment.BrokerIds)],
            wanted.Configs.Select(config => KeyValuePair.Create(config.Name, config.Value)));
        (TopicState? created, Refusal? topicFault) = context.Cluster.CreateTopic(topic, validateOnly, partitions => context.MutationRefusal(partitions, FirstStrictVersion));
        return created is null
            ? Failed(wanted.Name, topicFault!.Code, topicFault.Message)
            : Describe(created, topic, validateOnly, context);
    }

    private static Refusal? AssignmentFault(CreateTopicsRequest.CreatableTopic wanted)
    {
        if (wanted.Assignments.Count == 0)
        {
            return null;
        }

        if (wanted.NumPartitions != -1 || wanted.ReplicationFactor != -1)
        {
            return new Refusal(
                ErrorCode.InvalidRequest,
                "Both numPartitions or replicationFactor and replicasAssignments were set. Both cannot be used at the same time.");
        }

        return wanted.Assignments.Select(assignment => assignment.PartitionIndex).Order().SequenceEqual(Enumerable.Range(0, wanted.Assignments.Count))
            ? null
            : new Refusal(ErrorCode.InvalidReplicaAssignment, "Partitions should be a consecutive 0-based integer sequence.");
    }

    private static CreateTopicsResponse.CreatableTopicResult Describe(TopicState topic, NewTopic wanted, bool validateOnly, RequestContext context)
    {
        var result = new CreateTopicsResponse.CreatableTopicResult { Name = topic.Name, TopicId = validateOnly ? Guid.Empty : topic.Id, ErrorMessage = null };
        if (!context.Allows(ResourceType.Topic, topic.Name, AclOperation.DescribeConfigs))
        {
            // KIP-525: who may create a topic need not be allowed to see its settings.
            result.TopicConfigErrorCode = ErrorCode.TopicAuthorizationFailed;
            return result;
        }

        Dictionary<string, string> set = wanted.Configs.ToDictionary(config => config.Key, config => config.Value!);
        result.NumPartitions = topic.Partitions.Count;
        result.ReplicationFactor = (short)topic.Partitions[0].Leadership.Replicas.Count;
        result.Configs = [.. context.Cluster.Configs.DescribeTopic(set, context.Broker.Id).Select(config => new CreateTopicsResponse.CreatableTopicConfigs
        {
            Name = config.Name,
            Value = config.Value,
            ConfigSource = (sbyte)config.Source,
            IsSensitive = config.IsSensitive,
        })];
        return result;
    }

    private static CreateTopicsResponse.CreatableTopicResult Failed(string name, ErrorCode error, string? message) => new()
    {
        Name = name,
        ErrorCode = error,
        ErrorMessage = message,
    };
}
