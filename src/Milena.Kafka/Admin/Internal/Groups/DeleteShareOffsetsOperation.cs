using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Admin.Internal.Groups;

/// <summary>Has a share group forget topics.</summary>
internal sealed class DeleteShareOffsetsOperation : Operation<string, DeleteShareGroupOffsetsRequest, DeleteShareGroupOffsetsResponse, bool>
{
    private readonly string _groupId;

    public DeleteShareOffsetsOperation(string groupId) => _groupId = groupId;

    public override Api Api => Apis.DeleteShareGroupOffsets;

    public override Route RouteOf(string key) => Route.ToCoordinator(CoordinatorKeyType.Group, _groupId);

    public override DeleteShareGroupOffsetsRequest CreateRequest(IReadOnlyList<string> keys, short version) => new()
    {
        GroupId = _groupId,
        Topics = [.. keys.Select(topic => new DeleteShareGroupOffsetsRequest.DeleteShareGroupOffsetsRequestTopic { TopicName = topic })],
    };

    public override void Read(IReadOnlyList<string> keys, DeleteShareGroupOffsetsResponse response, AnswerSheet<string, bool> answers)
    {
        if (response.ErrorCode != ErrorCode.None)
        {
            answers.FailAll(keys, response.ErrorCode, response.ErrorMessage);
            return;
        }

        response.Responses.ForEach(topic => answers.Note(topic.TopicName, topic.ErrorCode, topic.ErrorMessage, true));
    }

    public override string Describe(string key) => $"Deleting the offsets of share group '{_groupId}' for topic '{key}'";

    public override RecoveryAction Decide(ErrorCode error) => AdminErrors.Decide(error);
}
