using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Admin.Internal;

/// <summary>Deletes topics by id (KIP-516).</summary>
internal sealed class DeleteTopicsByIdOperation : Operation<Guid, DeleteTopicsRequest, DeleteTopicsResponse, bool>
{
    private const short FirstVersionWithIds = 6;

    private readonly TimeSpan _timeout;
    private readonly bool _retryOnQuotaViolation;

    public DeleteTopicsByIdOperation(TimeSpan timeout, bool retryOnQuotaViolation)
    {
        _timeout = timeout;
        _retryOnQuotaViolation = retryOnQuotaViolation;
    }

    public override Api Api => Apis.DeleteTopics;

    public override Route RouteOf(Guid key) => Route.Controller;

    public override short MinVersionOf(Guid key) => FirstVersionWithIds;

    public override DeleteTopicsRequest CreateRequest(IReadOnlyList<Guid> keys, short version) => new()
    {
        TimeoutMs = (int)_timeout.TotalMilliseconds,
        Topics = keys.Select(id => new DeleteTopicsRequest.DeleteTopicState { TopicId = id }).ToList(),
    };

    public override void Read(IReadOnlyList<Guid> keys, DeleteTopicsResponse response, AnswerSheet<Guid, bool> answers)
    {
        foreach (DeleteTopicsResponse.DeletableTopicResult topic in response.Responses)
        {
            answers.Note(topic.TopicId, topic.ErrorCode, topic.ErrorMessage, true);
        }
    }

    public override RecoveryAction Decide(ErrorCode error) => AdminErrors.Decide(error, _retryOnQuotaViolation);

    public override string Describe(Guid key) => $"Deleting the topic with id {Uuid.ToText(key)}";
}
