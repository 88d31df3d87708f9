namespace Milena.Kafka.Testing.Groups;

/// <content>Positions that wait for the end of a transaction (KIP-98, KIP-447).</content>
internal sealed partial class CommittedOffsets
{
    private readonly Dictionary<long, Dictionary<(string Topic, int Partition), StagedOffset>> _staged = [];

    /// <summary>Keeps a position until the transaction of a producer ends.</summary>
    public void Stage(long producerId, string topic, int partition, CommittedOffset offset)
    {
        lock (_gate)
        {
            if (!_staged.TryGetValue(producerId, out Dictionary<(string Topic, int Partition), StagedOffset>? staged))
            {
                _staged[producerId] = staged = [];
            }

            staged[(topic, partition)] = new StagedOffset(offset, IsSuperseded: false);
        }
    }

    /// <summary>Whether a position may change because a transaction is under way.</summary>
    public bool IsStaged(string topic, int partition)
    {
        lock (_gate)
        {
            return _staged.Values.Any(staged => staged.ContainsKey((topic, partition)));
        }
    }

    /// <summary>Stores or drops what waits for the end of a transaction.</summary>
    public void EndTransaction(long producerId, bool isCommit)
    {
        lock (_gate)
        {
            if (!_staged.Remove(producerId, out Dictionary<(string Topic, int Partition), StagedOffset>? staged) || !isCommit)
            {
                return;
            }

            foreach (((string Topic, int Partition) key, StagedOffset offset) in staged)
            {
                if (!offset.IsSuperseded)
                {
                    _offsets[key] = offset.Offset;
                    Supersede(key);
                }
            }
        }
    }

    private void Supersede((string Topic, int Partition) key)
    {
        foreach (Dictionary<(string Topic, int Partition), StagedOffset> staged in _staged.Values)
        {
            if (staged.TryGetValue(key, out StagedOffset older))
            {
                staged[key] = older with { IsSuperseded = true };
            }
        }
    }
}
