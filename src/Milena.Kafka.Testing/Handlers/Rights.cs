using Milena.Kafka.Protocol;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Which right on a topic, a group or the cluster each API takes, as Kafka's table of operations has it.</summary>
internal static class Rights
{
    /// <summary>The right on each topic that a request names; null: none is asked for here.</summary>
    public static AclOperation? OnTopic(ApiKey api) => api switch
    {
        ApiKey.Produce => AclOperation.Write,
        ApiKey.Fetch or ApiKey.OffsetCommit or ApiKey.TxnOffsetCommit or ApiKey.OffsetDelete
            or ApiKey.AlterShareGroupOffsets or ApiKey.DeleteShareGroupOffsets or ApiKey.DescribeProducers => AclOperation.Read,
        ApiKey.ListOffsets or ApiKey.OffsetForLeaderEpoch or ApiKey.Metadata or ApiKey.OffsetFetch or ApiKey.DescribeTopicPartitions
            or ApiKey.DescribeShareGroupOffsets => AclOperation.Describe,
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
            or ApiKey.ConsumerGroupHeartbeat or ApiKey.AlterShareGroupOffsets => AclOperation.Read,
        ApiKey.OffsetFetch or ApiKey.DescribeGroups or ApiKey.FindCoordinator or ApiKey.ConsumerGroupDescribe or ApiKey.ListGroups
            or ApiKey.ShareGroupDescribe or ApiKey.StreamsGroupDescribe or ApiKey.DescribeShareGroupOffsets => AclOperation.Describe,
        ApiKey.DeleteGroups or ApiKey.OffsetDelete or ApiKey.DeleteShareGroupOffsets => AclOperation.Delete,
        _ => null,
    };
}
