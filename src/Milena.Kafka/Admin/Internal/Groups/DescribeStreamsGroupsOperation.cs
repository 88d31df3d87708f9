using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Admin.Internal.Groups;

/// <summary>Asks coordinators for groups of the Streams protocol.</summary>
internal sealed class DescribeStreamsGroupsOperation : Operation<string, StreamsGroupDescribeRequest, StreamsGroupDescribeResponse, StreamsGroupDescription>
{
    private readonly CoordinatorCache _coordinators;
    private readonly bool _withOperations;

    public DescribeStreamsGroupsOperation(CoordinatorCache coordinators, bool withOperations)
    {
        _coordinators = coordinators;
        _withOperations = withOperations;
    }

    public override Api Api => Apis.StreamsGroupDescribe;

    public override Route RouteOf(string key) => Route.ToCoordinator(CoordinatorKeyType.Group, key);

    public override StreamsGroupDescribeRequest CreateRequest(IReadOnlyList<string> keys, short version) =>
        new() { GroupIds = [.. keys], IncludeAuthorizedOperations = _withOperations };

    public override void Read(IReadOnlyList<string> keys, StreamsGroupDescribeResponse response, AnswerSheet<string, StreamsGroupDescription> answers) =>
        response.Groups.ForEach(group => answers.Note(group.GroupId, group.ErrorCode, group.ErrorMessage, Read(group)));

    public override string Describe(string key) => $"Describing Streams group '{key}'";

    private StreamsGroupDescription Read(StreamsGroupDescribeResponse.DescribedGroup group) =>
        new(
            group.GroupId,
            Words.Read<GroupState>(group.GroupState),
            group.GroupEpoch,
            group.AssignmentEpoch,
            group.Topology is null ? null : Read(group.Topology),
            [.. group.Members.Select(Read)],
            _coordinators.BrokerOf(CoordinatorKeyType.Group, group.GroupId))
        {
            Assignor = group.AssignorName,
            AuthorizedOperations = AuthorizedOperations.Read(group.AuthorizedOperations),
        };

    private static StreamsTopology Read(StreamsGroupDescribeResponse.Topology topology) =>
        new(topology.Epoch, [.. (topology.Subtopologies ?? []).Select(part => new StreamsSubtopology(
            part.SubtopologyId,
            part.SourceTopics,
            part.RepartitionSinkTopics,
            [.. part.RepartitionSourceTopics.Select(Read)],
            [.. part.StateChangelogTopics.Select(Read)]))]);

    private static StreamsTopic Read(StreamsGroupDescribeResponse.TopicInfo topic) =>
        new(topic.Name, topic.Partitions, topic.ReplicationFactor, Read(topic.TopicConfigs));

    private static StreamsGroupMember Read(StreamsGroupDescribeResponse.Member member) =>
        new(member.MemberId, member.InstanceId, member.ClientId, member.ClientHost, member.ProcessId, member.MemberEpoch, member.TopologyEpoch)
        {
            Rack = member.RackId,
            UserEndpoint = member.UserEndpoint is { } endpoint ? $"{endpoint.Host}:{endpoint.Port}" : null,
            ClientTags = Read(member.ClientTags),
            TaskOffsets = [.. member.TaskOffsets.Select(Read)],
            TaskEndOffsets = [.. member.TaskEndOffsets.Select(Read)],
            Assignment = Read(member.Assignment),
            TargetAssignment = Read(member.TargetAssignment),
            IsClassic = member.IsClassic,
        };

    private static StreamsTaskOffset Read(StreamsGroupDescribeResponse.TaskOffset offset) => new(new StreamsTask(offset.SubtopologyId, offset.Partition), offset.Offset);

    private static StreamsAssignment Read(StreamsGroupDescribeResponse.Assignment assignment) =>
        new(Read(assignment.ActiveTasks), Read(assignment.StandbyTasks), Read(assignment.WarmupTasks));

    private static IReadOnlyList<StreamsTask> Read(List<StreamsGroupDescribeResponse.TaskIds> tasks) =>
        [.. tasks.SelectMany(part => part.Partitions, (part, partition) => new StreamsTask(part.SubtopologyId, partition))];

    private static Dictionary<string, string> Read(List<StreamsGroupDescribeResponse.KeyValue> pairs) =>
        pairs.DistinctBy(pair => pair.Key).ToDictionary(pair => pair.Key, pair => pair.Value);
}
