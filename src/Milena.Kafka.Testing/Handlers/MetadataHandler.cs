using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.State;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Tells brokers, topics and leaders, and creates topics that are asked for by name.</summary>
internal sealed class MetadataHandler() : RequestHandler<MetadataRequest, MetadataResponse>(Apis.Metadata)
{
    protected override MetadataResponse Handle(MetadataRequest request, RequestContext context)
    {
        MetadataResponse response = ClusterPart(request, context);
        response.Topics = [.. TopicsOf(request, context)];
        return response;
    }

    protected override MetadataResponse Fail(MetadataRequest request, ErrorCode error, RequestContext context)
    {
        MetadataResponse response = ClusterPart(request, context);
        response.ErrorCode = context.Version >= 13 ? error : ErrorCode.None;
        IEnumerable<MetadataRequest.MetadataRequestTopic> asked = AsksForAll(request, context)
            ? context.Cluster.Topics.Select(topic => new MetadataRequest.MetadataRequestTopic { Name = topic.Name, TopicId = topic.Id })
            : request.Topics!;
        response.Topics = [.. asked.Select(topic => Failed(topic.Name, topic.TopicId, error, context))];
        return response;
    }

    protected override IEnumerable<(string Topic, int? Partition)> Targets(MetadataRequest request, RequestContext context) =>
        AsksForAll(request, context)
            ? context.Cluster.Topics.Select(topic => (topic.Name, (int?)null))
            : request.Topics!.Select(topic => (topic.Name ?? context.Cluster.Topic(topic.TopicId)?.Name ?? "", (int?)null));

    private static bool AsksForAll(MetadataRequest request, RequestContext context) =>
        request.Topics is null || (context.Version == 0 && request.Topics.Count == 0);

    private static MetadataResponse ClusterPart(MetadataRequest request, RequestContext context) => new()
    {
        ClusterId = context.Cluster.ClusterId,
        ControllerId = context.Cluster.ControllerId,
        Brokers = [.. context.Cluster.AliveBrokers.Select(broker => new MetadataResponse.MetadataResponseBroker
        {
            NodeId = broker.Id,
            Host = broker.Host,
            Port = broker.Port,
            Rack = broker.Rack,
        })],
        ClusterAuthorizedOperations = request.IncludeClusterAuthorizedOperations ? AuthorizedOperations.Of(ResourceType.Cluster, RequestContext.ClusterName, context) : AuthorizedOperations.NotAsked,
    };

    private static IEnumerable<MetadataResponse.MetadataResponseTopic> TopicsOf(MetadataRequest request, RequestContext context)
    {
        if (AsksForAll(request, context))
        {
            return context.Cluster.Topics.Where(topic => context.TopicRefusal(topic.Name) is null).Select(topic => Describe(topic, request, context));
        }

        // Brokers learnt to look up by id in version 12 only, though the field came with 10.
        return context.Version < 12 && request.Topics!.Any(topic => topic.Name is null || topic.TopicId != Guid.Empty)
            ? request.Topics!.Select(topic => Failed(topic.Name ?? "", topic.TopicId, ErrorCode.InvalidRequest, context))
            : request.Topics!.DistinctBy(topic => (topic.Name, topic.TopicId)).Select(topic => Find(topic, request, context));
    }

    private static MetadataResponse.MetadataResponseTopic Find(MetadataRequest.MetadataRequestTopic wanted, MetadataRequest request, RequestContext context)
    {
        if (wanted.TopicId != Guid.Empty)
        {
            return context.Cluster.Topic(wanted.TopicId) is { } found && context.TopicRefusal(found.Name) is null
                ? Describe(found, request, context)
                : Failed(null, wanted.TopicId, ErrorCode.UnknownTopicId, context);
        }

        string name = wanted.Name ?? "";
        if (context.TopicRefusal(name) is { } refusal)
        {
            return Failed(name, Guid.Empty, refusal, context);
        }

        return context.Cluster.Topic(name) is { } topic ? Describe(topic, request, context) : Create(name, request, context);
    }

    /// <summary>As in Kafka, an answer that has a topic created does not have the topic yet.</summary>
    private static MetadataResponse.MetadataResponseTopic Create(string name, MetadataRequest request, RequestContext context)
    {
        if (TopicName.Fault(name) is not null)
        {
            return Failed(name, Guid.Empty, ErrorCode.InvalidTopicException, context);
        }

        if (context.Cluster.Options.AutoCreateTopics && request.AllowAutoTopicCreation && context.ErrorBefore(name, -1) is null)
        {
            if (!context.Allows(ResourceType.Cluster, RequestContext.ClusterName, AclOperation.Create) && !context.Allows(ResourceType.Topic, name, AclOperation.Create))
            {
                return Failed(name, Guid.Empty, ErrorCode.TopicAuthorizationFailed, context);
            }

            // As in Kafka, a topic that the client's quota has no room for stays unknown until it is asked for again.
            (_, Refusal? fault) = context.Cluster.CreateTopic(
                new NewTopic(name, -1, -1, null, []),
                validateOnly: false,
                partitions => context.Quotas.ChargeMutations(context, partitions, isStrict: true) == TimeSpan.Zero
                    ? null
                    : new Refusal(ErrorCode.UnknownTopicOrPartition, ErrorCode.ThrottlingQuotaExceeded.Meaning()));
            if (fault is { Code: not ErrorCode.TopicAlreadyExists })
            {
                return Failed(name, Guid.Empty, fault.Code, context);
            }
        }

        return Failed(name, Guid.Empty, ErrorCode.UnknownTopicOrPartition, context);
    }

    private static MetadataResponse.MetadataResponseTopic Describe(TopicState topic, MetadataRequest request, RequestContext context)
    {
        if (context.Fault is { Error: { } error } fault && fault.Scope.Topic == topic.Name)
        {
            return Failed(topic.Name, topic.Id, error, context);
        }

        return new MetadataResponse.MetadataResponseTopic
        {
            Name = topic.Name,
            TopicId = topic.Id,
            Partitions = [.. topic.Partitions.Select(partition => Describe(partition, context))],
            TopicAuthorizedOperations = request.IncludeTopicAuthorizedOperations ? AuthorizedOperations.Of(ResourceType.Topic, topic.Name, context) : AuthorizedOperations.NotAsked,
        };
    }

    private static MetadataResponse.MetadataResponsePartition Describe(PartitionState partition, RequestContext context)
    {
        Leadership leadership = partition.Leadership;
        return new MetadataResponse.MetadataResponsePartition
        {
            PartitionIndex = partition.Index,
            ErrorCode = leadership.Leader < 0 ? ErrorCode.LeaderNotAvailable : ErrorCode.None,
            LeaderId = leadership.Leader,
            LeaderEpoch = leadership.Epoch,
            ReplicaNodes = [.. leadership.Replicas],
            IsrNodes = [.. leadership.InSync],
            OfflineReplicas = [.. leadership.Replicas.Where(id => !context.Cluster.IsAlive(id))],
        };
    }

    private static MetadataResponse.MetadataResponseTopic Failed(string? name, Guid id, ErrorCode error, RequestContext context) => new()
    {
        // Before version 12 the name cannot be null.
        Name = name ?? (context.Version < 12 ? "" : null),
        TopicId = id,
        ErrorCode = context.Fault is { Error: { } planned } fault && fault.Scope.Topic == name ? planned : error,
    };
}
