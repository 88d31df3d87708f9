using Milena.Kafka.Protocol;

namespace Milena.Kafka.Testing.State;

/// <summary>
/// The quorum that a real cluster keeps its metadata in. Here it keeps nothing: it counts changes, as offsets of the log that they would be written to, and knows who has
/// a vote. Every broker is a controller too. Thread-safe.
/// </summary>
internal sealed class MetadataQuorum(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<int, QuorumVoter> _voters = [];
    private long _endOffset;
    private int _epoch = 1;

    /// <summary>The end of the metadata log.</summary>
    public long EndOffset
    {
        get
        {
            lock (_gate)
            {
                return _endOffset;
            }
        }
    }

    /// <summary>Counts the changes of the active controller.</summary>
    public int Epoch
    {
        get
        {
            lock (_gate)
            {
                return _epoch;
            }
        }
    }

    public IReadOnlyList<QuorumVoter> Voters
    {
        get
        {
            lock (_gate)
            {
                return [.. _voters.Values];
            }
        }
    }

    /// <summary>Counts a change of the metadata.</summary>
    public void Note()
    {
        lock (_gate)
        {
            _endOffset++;
        }
    }

    public void AddBroker(BrokerState broker)
    {
        // Any id will do that is the same each time.
        var directory = new Guid(broker.Id, 0x4b52, 0x4146, 0x80, 0x54, 0, 0, 0, 0, 0, 1);
        lock (_gate)
        {
            _voters[broker.Id] = new QuorumVoter(broker.Id, directory, [("CONTROLLER", broker.Host, broker.Port)]);
            _endOffset++;
        }
    }

    /// <summary>A broker has stopped or come back, and with it its controller.</summary>
    /// <param name="brokerId">The broker.</param>
    /// <param name="isAlive">Whether it runs.</param>
    /// <param name="isNewLeader">Whether another controller is active now.</param>
    public void Follow(int brokerId, bool isAlive, bool isNewLeader)
    {
        lock (_gate)
        {
            if (_voters.TryGetValue(brokerId, out QuorumVoter? voter))
            {
                _voters[brokerId] = voter with { Stopped = isAlive ? null : voter.Stopped ?? (_endOffset, time.GetUtcNow()) };
            }

            _epoch += isNewLeader ? 1 : 0;
            _endOffset++;
        }
    }

    public ErrorCode Add(QuorumVoter voter)
    {
        lock (_gate)
        {
            if (!_voters.TryAdd(voter.Id, voter))
            {
                return ErrorCode.DuplicateVoter;
            }

            _endOffset++;
            return ErrorCode.None;
        }
    }

    public ErrorCode Remove(int id, Guid directoryId)
    {
        lock (_gate)
        {
            if (!_voters.TryGetValue(id, out QuorumVoter? voter) || voter.DirectoryId != directoryId || _voters.Count == 1)
            {
                return ErrorCode.VoterNotFound;
            }

            _voters.Remove(id);
            _endOffset++;
            return ErrorCode.None;
        }
    }
}
