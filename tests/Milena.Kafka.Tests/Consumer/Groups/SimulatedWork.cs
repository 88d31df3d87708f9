using Milena.Kafka.Consumer.Internal;
using Milena.Kafka.Consumer.Internal.Processing;

namespace Milena.Kafka.Tests.Consumer.Groups;

/// <summary>Records in the hands of handlers that end in any order, if at all.</summary>
internal sealed class SimulatedWork : IWorkInProgress
{
    private readonly Dictionary<PartitionState, (int Move, OffsetTracker Offsets)> _offsets = [];
    private readonly List<(PartitionState State, Action Finish)> _running = [];

    public (bool IsIdle, long Oldest) Handlers => (_running.Count == 0, 0);

    public int Running => _running.Count;

    public void Begin(PartitionState state, long offset, Action finished)
    {
        if (!_offsets.TryGetValue(state, out (int Move, OffsetTracker Offsets) work) || work.Move != state.Move)
        {
            _offsets[state] = work = (state.Move, new OffsetTracker());
        }

        work.Offsets.Begin(offset);
        _running.Add((state, () =>
        {
            work.Offsets.Finish(offset);
            finished();
        }));
    }

    public void End(int index, bool isFinished)
    {
        Action finish = _running[index].Finish;
        _running.RemoveAt(index);
        if (isFinished)
        {
            finish();
        }
    }

    public long Progress(PartitionState state, long passed) =>
        _offsets.TryGetValue(state, out (int Move, OffsetTracker Offsets) work) && work.Move == state.Move && work.Offsets.Oldest is { } oldest ? Math.Min(oldest, passed) : passed;

    public bool IsBusyWith(PartitionState state) => _running.Exists(r => r.State == state);

    public void Revoke(PartitionState state)
    {
        // Those that run may finish; there are none that wait.
    }

    public void Abandon(PartitionState state) => _running.RemoveAll(r => r.State == state);

    public void Forget(PartitionState state) => _offsets.Remove(state);
}
