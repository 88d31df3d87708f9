using Milena.Kafka.Protocol;

namespace Milena.Kafka.Testing.State;

/// <content>Elections, moves of partitions, and where replicas lie.</content>
internal sealed partial class ClusterState
{
    // Replicas that lie elsewhere than in the first directory of their broker.
    private readonly Dictionary<(int Broker, Guid Topic, int Partition), string> _logDirs = [];

    /// <summary>Has a leader elected.</summary>
    public Refusal? ElectLeader(PartitionState partition, ElectionType type)
    {
        lock (_gate)
        {
            Leadership current = partition.Leadership;
            bool isNeedless = type == ElectionType.Unclean ? current.Leader >= 0 : current.Leader == current.Replicas[0];
            if (isNeedless)
            {
                return Refuse(ErrorCode.ElectionNotNeeded);
            }

            Leadership? next = type == ElectionType.Unclean ? current.WithUncleanLeader(IsServing) : current.WithPreferredLeader();
            if (next is null)
            {
                return Refuse(type == ElectionType.Unclean ? ErrorCode.EligibleLeadersNotAvailable : ErrorCode.PreferredLeaderNotAvailable);
            }

            partition.Lead(next);
            Quorum.Note();
            return null;
        }
    }

    /// <summary>Moves a partition to other brokers; without a target its move is taken back.</summary>
    public Refusal? Reassign(PartitionState partition, IReadOnlyList<int>? target, bool mayChangeFactor)
    {
        lock (_gate)
        {
            Leadership current = partition.Leadership;
            if (target is null)
            {
                if (!current.IsMoving)
                {
                    return Refuse(ErrorCode.NoReassignmentInProgress);
                }

                partition.Lead(current.WithoutMove());
                Quorum.Note();
                return null;
            }

            int factor = current.Replicas.Count - current.Adding.Count;
            if (AssignmentRefusal([target], target.Count) is { } refusal)
            {
                return refusal;
            }

            if (!mayChangeFactor && target.Count != factor)
            {
                return new Refusal(ErrorCode.InvalidReplicationFactor, $"The replication factor is changed from {factor} to {target.Count}");
            }

            partition.Lead(current.WithReplicas(target, IsServing));
            Quorum.Note();
            return null;
        }
    }

    /// <summary>The log directory that a replica lies in, or will.</summary>
    public string LogDirOf(int brokerId, PartitionState partition)
    {
        lock (_gate)
        {
            return _logDirs.GetValueOrDefault((brokerId, partition.Topic.Id, partition.Index), Options.LogDirs[0]);
        }
    }

    /// <summary>Moves a replica to another log directory; one that is not there yet is put there when it comes.</summary>
    public ErrorCode MoveLogDir(int brokerId, string topic, int index, string directory)
    {
        lock (_gate)
        {
            if (!Options.LogDirs.Contains(directory))
            {
                return ErrorCode.LogDirNotFound;
            }

            if (_topics.GetValueOrDefault(topic)?.Partition(index) is not { } partition)
            {
                return ErrorCode.UnknownTopicOrPartition;
            }

            _logDirs[(brokerId, partition.Topic.Id, index)] = directory;
            return partition.Leadership.Replicas.Contains(brokerId) ? ErrorCode.None : ErrorCode.ReplicaNotAvailable;
        }
    }

    /// <summary>Forgets a broker, until it is started again.</summary>
    public Refusal? Unregister(int brokerId)
    {
        lock (_gate)
        {
            if (_brokers.GetValueOrDefault(brokerId) is not { IsRegistered: true } broker)
            {
                return new Refusal(ErrorCode.BrokerIdNotRegistered, $"Broker ID {brokerId} is not currently registered");
            }

            if (broker.IsAlive)
            {
                SetAlive(brokerId, false);
            }

            broker.IsRegistered = false;
            Quorum.Note();
            return null;
        }
    }

    private static Refusal Refuse(ErrorCode error) => new(error, error.Meaning());

    private bool IsServing(int brokerId) => _brokers.GetValueOrDefault(brokerId) is { IsAlive: true };
}
