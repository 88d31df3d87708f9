namespace Milena.Kafka.Consumer.Internal.Groups;

/// <summary>What an answer of the coordinator means to a member of a KIP-848 group.</summary>
internal enum ConsumerAction
{
    /// <summary>All is well.</summary>
    None,

    /// <summary>Ask again after a pause.</summary>
    Retry,

    /// <summary>Ask another broker, once it is known which.</summary>
    FindCoordinator,

    /// <summary>The coordinator counts on this member no more: its partitions are lost, and it joins with epoch 0.</summary>
    LoseMembership,

    /// <summary>Another member, maybe this one before it lost an answer, holds the instance id: wait until it is free.</summary>
    AwaitInstance,

    /// <summary>Another consumer uses the instance id (KIP-345).</summary>
    Fenced,

    /// <summary>The brokers do not speak the protocol, or the group is one of the classic protocol and stays so.</summary>
    RefuseProtocol,

    /// <summary>Tell the user.</summary>
    Fail,
}
