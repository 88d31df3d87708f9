using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.State;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Reads from the logs that this broker leads, and waits for more while there is too little.</summary>
internal sealed class FetchHandler() : RequestHandler<FetchRequest, FetchResponse>(Apis.Fetch)
{
    private const short FirstVersionWithTopicIds = 13;
    private const short FirstVersionWithLeaders = 16;

    protected override async ValueTask<FetchResponse?> HandleAsync(FetchRequest request, RequestContext context)
    {
        FetchPlan plan = context.Broker.FetchSessions.Plan(request, context.Version);
        if (plan.Error != ErrorCode.None)
        {
            return Fail(request, plan.Error, context);
        }

        FetchRound round = FetchRound.Read(plan.Targets, request, context);
        if (!round.IsEnough && request.MaxWaitMs > 0)
        {
            round = await WaitAsync(plan, request, context).ConfigureAwait(false);
        }

        return Answer(plan, round, context);
    }

    protected override FetchResponse Fail(FetchRequest request, ErrorCode error, RequestContext context)
    {
        // From version 7 on there is room for an error of the whole.
        return context.Version >= 7
            ? new FetchResponse { ErrorCode = error, SessionId = error is ErrorCode.FetchSessionIdNotFound ? 0 : request.SessionId }
            : new FetchResponse
            {
                Responses = [.. request.Topics.Select(topic => new FetchResponse.FetchableTopicResponse
                {
                    Topic = topic.Topic,
                    Partitions = [.. topic.Partitions.Select(partition => FetchRound.Failed(partition.Partition, error))],
                })],
            };
    }

    protected override IEnumerable<(string Topic, int? Partition)> Targets(FetchRequest request, RequestContext context)
    {
        IEnumerable<FetchKey> named = request.Topics.SelectMany(
            topic => topic.Partitions,
            (topic, partition) => new FetchKey(topic.Topic, topic.TopicId, partition.Partition));
        return context.Broker.FetchSessions.Peek(request.SessionId)
            .Select(target => target.Key)
            .Concat(named)
            .Select(key => (context.Version >= FirstVersionWithTopicIds ? context.Cluster.Topic(key.TopicId)?.Name ?? "" : key.Topic, (int?)key.Partition));
    }

    private static async ValueTask<FetchRound> WaitAsync(FetchPlan plan, FetchRequest request, RequestContext context)
    {
        using var signal = new ChangeSignal(context.Cluster.Time, TimeSpan.FromMilliseconds(request.MaxWaitMs));
        PartitionState[] watched = [.. plan.Targets
            .Select(target => FetchRound.Find(target.Key, context)?.Partition(target.Key.Partition))
            .OfType<PartitionState>()
            .Distinct()];
        foreach (PartitionState partition in watched)
        {
            partition.Watch(signal);
        }

        try
        {
            while (true)
            {
                // Read after watching and after each change: what comes in between sets the signal again.
                bool isLast = signal.IsExpired;
                FetchRound round = FetchRound.Read(plan.Targets, request, context);
                if (round.IsEnough || isLast)
                {
                    return round;
                }

                await signal.WaitAsync(context.Stopping).ConfigureAwait(false);
            }
        }
        finally
        {
            foreach (PartitionState partition in watched)
            {
                partition.Unwatch(signal);
            }
        }
    }

    private static FetchResponse Answer(FetchPlan plan, FetchRound round, RequestContext context)
    {
        var response = new FetchResponse { SessionId = plan.Session?.Id ?? 0 };
        foreach ((FetchKey key, FetchResponse.PartitionData answer) in context.Broker.FetchSessions.Select(plan, round.Answers))
        {
            if (response.Responses is not [.., { } topic] || topic.Topic != key.Topic || topic.TopicId != key.TopicId)
            {
                topic = new FetchResponse.FetchableTopicResponse { Topic = key.Topic, TopicId = key.TopicId };
                response.Responses.Add(topic);
            }

            topic.Partitions.Add(answer);
            AddLeader(response, answer, FetchRound.Find(key, context)?.Partition(key.Partition), context);
        }

        return response;
    }

    /// <summary>KIP-951: along with the error goes the leader to turn to.</summary>
    private static void AddLeader(FetchResponse response, FetchResponse.PartitionData answer, PartitionState? partition, RequestContext context)
    {
        if (answer.ErrorCode is not (ErrorCode.NotLeaderOrFollower or ErrorCode.FencedLeaderEpoch)
            || context.Version < FirstVersionWithLeaders
            || partition is null)
        {
            return;
        }

        Leadership leadership = partition.Leadership;
        answer.CurrentLeader = new() { LeaderId = leadership.Leader, LeaderEpoch = leadership.Epoch };
        if (context.Cluster.AliveBroker(leadership.Leader) is { } leader && !response.NodeEndpoints.Exists(node => node.NodeId == leader.Id))
        {
            response.NodeEndpoints.Add(new() { NodeId = leader.Id, Host = leader.Host, Port = leader.Port });
        }
    }
}
