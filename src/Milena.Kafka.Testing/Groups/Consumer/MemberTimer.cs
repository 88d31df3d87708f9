namespace Milena.Kafka.Testing.Groups.Consumer;

/// <summary>For what a member is waited for.</summary>
internal enum MemberTimer
{
    /// <summary>To be heard of.</summary>
    Session,

    /// <summary>To give partitions up.</summary>
    Rebalance,

    /// <summary>To join again (classic protocol).</summary>
    Join,

    /// <summary>To fetch its assignment (classic protocol).</summary>
    Sync,
}
