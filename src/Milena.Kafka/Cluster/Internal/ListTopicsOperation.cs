using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Cluster.Internal;

/// <summary>Asks any broker for the names of all topics.</summary>
internal sealed class ListTopicsOperation : Operation<string, MetadataRequest, MetadataResponse, IReadOnlyList<string>>
{
    public override Api Api => Apis.Metadata;

    public override Route RouteOf(string key) => Route.Any;

    // Version 0 knows no null; an empty list means all topics there.
    public override MetadataRequest CreateRequest(IReadOnlyList<string> keys, short version) => new() { Topics = version == 0 ? [] : null, AllowAutoTopicCreation = true };

    public override void Read(IReadOnlyList<string> keys, MetadataResponse response, AnswerSheet<string, IReadOnlyList<string>> answers)
    {
        IReadOnlyList<string> names = [.. response.Topics.Where(t => t is { ErrorCode: ErrorCode.None, IsInternal: false, Name: not null }).Select(t => t.Name!)];
        foreach (string key in keys)
        {
            answers.Succeed(key, names);
        }
    }
}
