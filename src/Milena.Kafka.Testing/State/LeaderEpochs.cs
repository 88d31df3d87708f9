namespace Milena.Kafka.Testing.State;

/// <summary>Which leader epoch began at which offset (KIP-101). Owned and guarded by its <see cref="PartitionState"/>.</summary>
internal sealed class LeaderEpochs
{
    private readonly List<(int Epoch, long StartOffset)> _epochs = [];

    public void Begin(int epoch, long startOffset)
    {
        // An epoch in which nothing was written leaves no trace in the log: the next one takes its place.
        while (_epochs.Count > 0 && _epochs[^1].StartOffset >= startOffset)
        {
            _epochs.RemoveAt(_epochs.Count - 1);
        }

        _epochs.Add((epoch, startOffset));
    }

    public int Latest => _epochs.Count > 0 ? _epochs[^1].Epoch : -1;

    /// <summary>The epoch that an offset was or would be written in; -1 if unknown.</summary>
    public int At(long offset)
    {
        int at = _epochs.FindLastIndex(epoch => epoch.StartOffset <= offset);
        return at >= 0 ? _epochs[at].Epoch : -1;
    }

    /// <summary>The largest epoch not above the one asked for, and the offset after its last record; -1 and -1 if unknown.</summary>
    public (int Epoch, long EndOffset) EndOf(int epoch, long logEndOffset)
    {
        if (epoch < 0 || epoch > Latest)
        {
            return (-1, -1);
        }

        if (epoch == Latest)
        {
            return (epoch, logEndOffset);
        }

        int higher = _epochs.FindIndex(entry => entry.Epoch > epoch);
        return (higher > 0 ? _epochs[higher - 1].Epoch : epoch, _epochs[higher].StartOffset);
    }
}
