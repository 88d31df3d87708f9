using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.State;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Gives topics more partitions.</summary>
internal sealed class CreatePartitionsHandler() : RequestHandler<CreatePartitionsRequest, CreatePartitionsResponse>(Apis.CreatePartitions)
{
    private const short FirstStrictVersion = 3;

    protected override CreatePartitionsResponse Handle(CreatePartitionsRequest request, RequestContext context)
    {
        HashSet<string> repeated = [.. request.Topics.GroupBy(topic => topic.Name).Where(same => same.Count() > 1).Select(same => same.Key)];
        return Answer(request, topic => repeated.Contains(topic.Name)
            ? new Refusal(ErrorCode.InvalidRequest, "Duplicate topic name.")
            : Create(topic, request.ValidateOnly, context));
    }

    protected override CreatePartitionsResponse Fail(CreatePartitionsRequest request, ErrorCode error, RequestContext context) =>
        Answer(request, _ => new Refusal(error, error.Meaning()));

    protected override IEnumerable<(string Topic, int? Partition)> Targets(CreatePartitionsRequest request, RequestContext context) =>
        request.Topics.Select(topic => (topic.Name, (int?)null));

    private static CreatePartitionsResponse Answer(CreatePartitionsRequest request, Func<CreatePartitionsRequest.CreatePartitionsTopic, Refusal?> create) => new()
    {
        Results = [.. request.Topics.DistinctBy(topic => topic.Name).Select(topic => (topic.Name, Refusal: create(topic))).Select(result => new CreatePartitionsResponse.CreatePartitionsTopicResult
        {
            Name = result.Name,
            ErrorCode = result.Refusal?.Code ?? ErrorCode.None,
            ErrorMessage = result.Refusal?.Message,
        })],
    };

    private static Refusal? Create(CreatePartitionsRequest.CreatePartitionsTopic wanted, bool validateOnly, RequestContext context)
    {
        if (context.ErrorBefore(wanted.Name, -1) is { } planned)
        {
            return new Refusal(planned, planned.Meaning());
        }

        return context.Cluster.Topic(wanted.Name) is { } topic
            ? context.Cluster.AddPartitions(
                topic,
                wanted.Count,
                wanted.Assignments?.Select(assignment => (IReadOnlyList<int>)assignment.BrokerIds).ToList(),
                validateOnly,
                more => context.MutationRefusal(more, FirstStrictVersion))
            : new Refusal(ErrorCode.UnknownTopicOrPartition, ErrorCode.UnknownTopicOrPartition.Meaning());
    }
}
