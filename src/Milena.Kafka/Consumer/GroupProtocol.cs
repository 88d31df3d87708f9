namespace Milena.Kafka;

/// <summary>How members of a group agree on who reads what.</summary>
public enum GroupProtocol
{
    /// <summary>
    /// <see cref="Consumer"/> where the cluster serves it (the API is there and its feature <c>group.version</c> is on), else <see cref="Classic"/>. A member changes over, in
    /// good order, when the cluster is upgraded or downgraded under it, and stays classic in a group that may not change its protocol. It also stays classic if
    /// <see cref="ConsumerOptions.Assignors"/> was changed and <see cref="ConsumerOptions.GroupRemoteAssignor"/> is null, since brokers do not know the client's assignors.
    /// </summary>
    Auto,

    /// <summary>A member shares out the partitions and all others wait for it. All brokers speak it.</summary>
    Classic,

    /// <summary>The brokers share out the partitions, one by one, and nobody waits for anybody (KIP-848). Brokers speak it from Kafka 4.0 on.</summary>
    Consumer,
}
