using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Cluster.Internal;

/// <summary>Asks any broker for the names of topics by their ids.</summary>
internal sealed class TopicNamesOperation : Operation<Guid, MetadataRequest, MetadataResponse, string>
{
    private const short FirstVersionByIds = 12;

    private bool _isByIds;

    public override Api Api => Apis.Metadata;

    public override Route RouteOf(Guid key) => Route.Any;

    // Older versions carry ids, but do not look up by them: all topics are asked for.
    public override MetadataRequest CreateRequest(IReadOnlyList<Guid> keys, short version)
    {
        _isByIds = version >= FirstVersionByIds;
        return new MetadataRequest
        {
            Topics = _isByIds ? [.. keys.Select(id => new MetadataRequest.MetadataRequestTopic { TopicId = id, Name = null })] : null,
            AllowAutoTopicCreation = version < 4,
        };
    }

    public override void Read(IReadOnlyList<Guid> keys, MetadataResponse response, AnswerSheet<Guid, string> answers)
    {
        foreach (Guid key in keys)
        {
            MetadataResponse.MetadataResponseTopic? topic = response.Topics.Find(t => t.TopicId == key);
            if (topic is { ErrorCode: ErrorCode.None, Name: { Length: > 0 } name })
            {
                answers.Succeed(key, name);
            }
            else
            {
                answers.Fail(key, topic is null or { ErrorCode: ErrorCode.None } ? ErrorCode.UnknownTopicId : topic.ErrorCode);
            }
        }
    }

    public override string Describe(Guid key) => $"The name of the topic with id {key}";

    // Who needs the name asks again, if he still does then.
    public override RecoveryAction Decide(ErrorCode error) => error == ErrorCode.UnknownTopicId ? RecoveryAction.Fail : Recovery.Decide(error);
}
