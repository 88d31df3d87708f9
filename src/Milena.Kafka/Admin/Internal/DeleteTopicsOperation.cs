using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Admin.Internal;

/// <summary>Deletes topics by name.</summary>
internal sealed class DeleteTopicsOperation : Operation<string, DeleteTopicsRequest, DeleteTopicsResponse, bool>
{
    private readonly TimeSpan _timeout;
    private readonly bool _retryOnQuotaViolation;

    public DeleteTopicsOperation(TimeSpan timeout, bool retryOnQuotaViolation)
    {
        _timeout = timeout;
        _retryOnQuotaViolation = retryOnQuotaViolation;
    }

    public override Api Api => Apis.DeleteTopics;

    public override Route RouteOf(string key) => Route.Controller;

    public override DeleteTopicsRequest CreateRequest(IReadOnlyList<string> keys, short version)
    {
        var request = new DeleteTopicsRequest { TimeoutMs = (int)_timeout.TotalMilliseconds };
        if (version >= 6)
        {
            request.Topics.AddRange(keys.Select(k => new DeleteTopicsRequest.DeleteTopicState { Name = k }));
        }
        else
        {
            request.TopicNames.AddRange(keys);
        }

        return request;
    }

    public override void Read(IReadOnlyList<string> keys, DeleteTopicsResponse response, AnswerSheet<string, bool> answers)
    {
        foreach (DeleteTopicsResponse.DeletableTopicResult topic in response.Responses)
        {
            answers.Note(topic.Name ?? "", topic.ErrorCode, topic.ErrorMessage, true);
        }
    }

    public override RecoveryAction Decide(ErrorCode error) => AdminErrors.Decide(error, _retryOnQuotaViolation);

    public override string Describe(string key) => $"Deleting topic '{key}'";
}
