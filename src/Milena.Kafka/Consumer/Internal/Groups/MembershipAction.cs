namespace Milena.Kafka.Consumer.Internal.Groups;

/// <summary>What an answer of the coordinator means to a member.</summary>
internal enum MembershipAction
{
    /// <summary>All is well.</summary>
    None,

    /// <summary>Ask again after a pause.</summary>
    Retry,

    /// <summary>Ask another broker, once it is known which.</summary>
    FindCoordinator,

    /// <summary>Join the next generation; what is owned stays owned.</summary>
    Rejoin,

    /// <summary>The generation is over for this member: its partitions are lost, its id is not.</summary>
    LoseGeneration,

    /// <summary>The coordinator does not know the member: partitions and id are lost.</summary>
    LoseMembership,

    /// <summary>Join again with the id that the answer holds (KIP-394).</summary>
    TakeMemberId,

    /// <summary>Another consumer uses the instance id (KIP-345).</summary>
    Fenced,

    /// <summary>Tell the user.</summary>
    Fail,
}
