using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Admin.Internal;

/// <summary>Describes the quorum of the metadata log.</summary>
internal sealed class DescribeQuorumOperation : SingleOperation<DescribeQuorumRequest, DescribeQuorumResponse, QuorumDescription>
{
    private const string MetadataTopic = "__cluster_metadata";

    public override Api Api => Apis.DescribeQuorum;

    public override string Describe(Route key) => "Describing the metadata quorum";

    protected override DescribeQuorumRequest CreateRequest(short version) => new()
    {
        Topics = [new DescribeQuorumRequest.TopicData { TopicName = MetadataTopic, Partitions = [new DescribeQuorumRequest.PartitionData { PartitionIndex = 0 }] }],
    };

    protected override (ErrorCode Error, string? Detail) ErrorOf(DescribeQuorumResponse response) => response switch
    {
        { ErrorCode: not ErrorCode.None } => (response.ErrorCode, response.ErrorMessage),
        { Topics: [{ TopicName: MetadataTopic, Partitions: [{ PartitionIndex: 0 } partition] }] } => (partition.ErrorCode, partition.ErrorMessage),
        _ => (ErrorCode.UnknownServerError, "The answer is not about the metadata log."),
    };

    protected override QuorumDescription Read(DescribeQuorumResponse response)
    {
        DescribeQuorumResponse.PartitionData log = response.Topics[0].Partitions[0];
        return new QuorumDescription(
            log.LeaderId,
            log.LeaderEpoch,
            log.HighWatermark,
            [.. log.CurrentVoters.Select(Read)],
            [.. log.Observers.Select(Read)],
            response.Nodes.ToDictionary(
                node => node.NodeId,
                node => (IReadOnlyList<RaftEndpoint>)[.. node.Listeners.Select(listener => new RaftEndpoint(listener.Name, listener.Host, listener.Port))]));
    }

    private static QuorumReplica Read(DescribeQuorumResponse.ReplicaState state) => new(state.ReplicaId, state.ReplicaDirectoryId == Guid.Empty ? null : state.ReplicaDirectoryId, state.LogEndOffset)
    {
        LastFetch = Time(state.LastFetchTimestamp),
        LastCaughtUp = Time(state.LastCaughtUpTimestamp),
    };

    private static DateTimeOffset? Time(long milliseconds) => milliseconds < 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
}
