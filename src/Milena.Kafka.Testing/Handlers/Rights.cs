using Milena.Kafka.Protocol;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Which right on a topic, a group, a transactional id or the cluster each API takes, as Kafka's table of operations has it.</summary>
internal static class Rights
{
    // From here on AddPartitionsToTxn is for brokers among themselves, who have a right on the cluster instead.
    private const short FirstAddPartitionsOfBrokers = 4;

    /// <summary>The right on each topic that a request names; null: none is asked for here.</summary>
    public static AclOperation? OnTopic(ApiKey api, short version) => api switch
    {
        ApiKey.AddPartitionsToTxn when version >= FirstAddPartitionsOfBrokers => null,
        ApiKey.Produce or ApiKey.AddPartitionsToTxn => AclOperation.Write,
        ApiKey.Fetch or ApiKey.OffsetCommit or ApiKey.TxnOffsetCommit or ApiKey.OffsetDelete
            or ApiKey.AlterShareGroupOffsets or ApiKey.DeleteShareGroupOffsets or ApiKey.DescribeProducers => AclOperation.Read,
        ApiKey.ListOffsets or ApiKey.OffsetForLeaderEpoch or ApiKey.Metadata or ApiKey.OffsetFetch or ApiKey.DescribeTopicPartitions
            or ApiKey.DescribeShareGroupOffsets or ApiKey.DescribeTransactions => AclOperation.Describe,
        ApiKey.DeleteRecords or ApiKey.DeleteTopics => AclOperation.Delete,
        ApiKey.CreatePartitions => AclOperation.Alter,
        _ => null,
    };

    /// <summary>The right on the cluster without which a request as a whole is refused; null: none is asked for here.</summary>
    public static AclOperation? OnCluster(ApiKey api) => api switch
    {
        ApiKey.AlterPartitionReassignments or ApiKey.AlterReplicaLogDirs or ApiKey.ElectLeaders or ApiKey.UpdateFeatures or ApiKey.UnregisterBroker
            or ApiKey.AddRaftVoter or ApiKey.RemoveRaftVoter => AclOperation.Alter,
        ApiKey.ListPartitionReassignments or ApiKey.DescribeLogDirs or ApiKey.DescribeQuorum => AclOperation.Describe,
        ApiKey.ListConfigResources => AclOperation.DescribeConfigs,
        _ => null,
    };

    /// <summary>The right on each group that a request names; null: none is asked for here.</summary>
    public static AclOperation? OnGroup(ApiKey api) => api switch
    {
        ApiKey.JoinGroup or ApiKey.SyncGroup or ApiKey.Heartbeat or ApiKey.LeaveGroup or ApiKey.OffsetCommit or ApiKey.TxnOffsetCommit
            or ApiKey.ConsumerGroupHeartbeat or ApiKey.AlterShareGroupOffsets or ApiKey.AddOffsetsToTxn => AclOperation.Read,
        ApiKey.OffsetFetch or ApiKey.DescribeGroups or ApiKey.FindCoordinator or ApiKey.ConsumerGroupDescribe or ApiKey.ListGroups
            or ApiKey.ShareGroupDescribe or ApiKey.StreamsGroupDescribe or ApiKey.DescribeShareGroupOffsets => AclOperation.Describe,
        ApiKey.DeleteGroups or ApiKey.OffsetDelete or ApiKey.DeleteShareGroupOffsets => AclOperation.Delete,
        _ => null,
    };

    /// <summary>The right on each transactional id that a request names; null: none is asked for here.</summary>
    public static AclOperation? OnTransactionalId(ApiKey api, short version) => api switch
    {
        ApiKey.AddPartitionsToTxn when version >= FirstAddPartitionsOfBrokers => null,
        ApiKey.Produce or ApiKey.InitProducerId or ApiKey.AddPartitionsToTxn or ApiKey.AddOffsetsToTxn or ApiKey.TxnOffsetCommit or ApiKey.EndTxn => AclOperation.Write,
        ApiKey.FindCoordinator or ApiKey.DescribeTransactions or ApiKey.ListTransactions => AclOperation.Describe,
        _ => null,
    };
}
