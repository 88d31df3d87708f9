using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.State;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Tells the state of the metadata quorum.</summary>
internal sealed class DescribeQuorumHandler() : RequestHandler<DescribeQuorumRequest, DescribeQuorumResponse>(Apis.DescribeQuorum)
{
    private const string MetadataTopic = "__cluster_metadata";
    private const short FirstVersionWithNodes = 2;

    protected override DescribeQuorumResponse Handle(DescribeQuorumRequest request, RequestContext context)
    {
        if (request.Topics is not [{ TopicName: MetadataTopic, Partitions: [{ PartitionIndex: 0 }] }])
        {
            return new DescribeQuorumResponse
            {
                ErrorMessage = null,
                Topics = [.. request.Topics.Select(topic => new DescribeQuorumResponse.TopicData
                {
                    TopicName = topic.TopicName,
                    Partitions = [.. topic.Partitions.Select(partition => new DescribeQuorumResponse.PartitionData { PartitionIndex = partition.PartitionIndex, ErrorCode = ErrorCode.UnknownTopicOrPartition, ErrorMessage = null })],
                })],
            };
        }

        ClusterState cluster = context.Cluster;
        IReadOnlyList<QuorumVoter> voters = cluster.Quorum.Voters;
        return new DescribeQuorumResponse
        {
            ErrorMessage = null,
            Topics = [new DescribeQuorumResponse.TopicData { TopicName = MetadataTopic, Partitions = [Describe(voters, context)] }],
            Nodes = context.Version < FirstVersionWithNodes ? [] : [.. voters.Select(voter => new DescribeQuorumResponse.Node
            {
                NodeId = voter.Id,
                Listeners = [.. voter.Listeners.Select(listener => new DescribeQuorumResponse.Listener { Name = listener.Name, Host = listener.Host, Port = (ushort)listener.Port })],
            })],
        };
    }

    protected override DescribeQuorumResponse Fail(DescribeQuorumRequest request, ErrorCode error, RequestContext context) => new() { ErrorCode = error, ErrorMessage = error.Meaning() };

    private static DescribeQuorumResponse.PartitionData Describe(IReadOnlyList<QuorumVoter> voters, RequestContext context)
    {
        ClusterState cluster = context.Cluster;
        long end = cluster.Quorum.EndOffset;
        long now = cluster.Time.GetUtcNow().ToUnixTimeMilliseconds();
        return new DescribeQuorumResponse.PartitionData
        {
            ErrorMessage = null,
            LeaderId = cluster.ControllerId,
            LeaderEpoch = cluster.Quorum.Epoch,
            HighWatermark = end,
            CurrentVoters = [.. voters.Select(voter => new DescribeQuorumResponse.ReplicaState
            {
                ReplicaId = voter.Id,
                ReplicaDirectoryId = context.Version < FirstVersionWithNodes ? Guid.Empty : voter.DirectoryId,
                LogEndOffset = voter.Stopped?.Offset ?? end,
                LastFetchTimestamp = voter.Stopped?.Time.ToUnixTimeMilliseconds() ?? now,
                LastCaughtUpTimestamp = voter.Stopped?.Time.ToUnixTimeMilliseconds() ?? now,
            })],
        };
    }
}
