namespace Milena.Kafka.Testing;

/// <content>Consumer groups, past the protocol.</content>
public sealed partial class TestCluster
{
    /// <summary>Whether the consumer group protocol of KIP-848 is served.</summary>
    /// <value>
    /// What <see cref="TestClusterOptions.ConsumerGroupProtocol"/> says at first. When it is switched off, ConsumerGroupHeartbeat and
    /// ConsumerGroupDescribe are still listed but answered with UNSUPPORTED_VERSION, as brokers do whose feature <c>group.version</c> is 0; clients that
    /// connect from then on see the feature gone. <see cref="HideApi"/> makes the APIs unknown, as in releases that came before them.
    /// </value>
    public bool ConsumerGroupProtocol
    {
        get => _groups.ServesConsumerProtocol;
        set => _groups.ServesConsumerProtocol = value;
    }

    /// <summary>The broker that coordinates a group; -1 while none does.</summary>
    /// <param name="groupId">The group. It need not exist.</param>
    public int Coordinator(string groupId)
    {
        ArgumentNullException.ThrowIfNull(groupId);
        return _state.Coordinator(groupId)?.Id ?? -1;
    }

    /// <summary>Gives a group another coordinator, for good.</summary>
    /// <param name="groupId">The group. It need not exist. Others whose id falls into the same slot of 50 move with it.</param>
    /// <param name="broker">The id of the broker.</param>
    /// <remarks>
    /// The group survives, as it would in the log of the new coordinator: those who wait for a rebalance are told NOT_COORDINATOR, time-outs begin anew.
    /// </remarks>
    /// <exception cref="ArgumentException">The broker does not run.</exception>
    public void MoveCoordinator(string groupId, int broker)
    {
        ArgumentNullException.ThrowIfNull(groupId);
        _state.MoveCoordinator(groupId, broker);
        _groups.FollowCoordinators();
    }

    /// <summary>Makes a share group (KIP-932) that nobody is in. Nobody can join it either: share groups are here for administrators only.</summary>
    /// <param name="groupId">The group; one that is there stays as it is.</param>
    /// <exception cref="ArgumentException">A group of another type goes by this id.</exception>
    public void CreateShareGroup(string groupId)
    {
        ArgumentException.ThrowIfNullOrEmpty(groupId);
        if (_groups.Find(groupId) is not null)
        {
            throw new ArgumentException($"Group {groupId} is of another type.", nameof(groupId));
        }

        _groups.Share.Create(groupId);
    }
}
