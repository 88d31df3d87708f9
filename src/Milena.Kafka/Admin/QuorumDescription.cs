namespace Milena.Kafka;

/// <summary>The quorum of controllers that keeps the metadata log (KRaft).</summary>
/// <param name="LeaderId">The active controller.</param>
/// <param name="LeaderEpoch">Counts its changes.</param>
/// <param name="HighWatermark">Up to where the log is committed.</param>
/// <param name="Voters">The controllers.</param>
/// <param name="Observers">Those that only read along: brokers, and controllers that have no vote.</param>
/// <param name="Nodes">Where the voters listen, by node; empty from brokers before 3.9.</param>
public sealed record QuorumDescription(
    int LeaderId,
    int LeaderEpoch,
    long HighWatermark,
    IReadOnlyList<QuorumReplica> Voters,
    IReadOnlyList<QuorumReplica> Observers,
    IReadOnlyDictionary<int, IReadOnlyList<RaftEndpoint>> Nodes);
