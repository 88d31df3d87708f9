using System.Collections.Concurrent;

namespace Milena.Kafka.Tests.Consumer.Groups;

/// <summary>
/// What all members of a test have finished and committed, in one order, held against what at-least-once means; and a signal for whenever one of them sees anything.
/// </summary>
public sealed class GroupLog
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TopicPartition, long> _committed = [];
    private readonly Dictionary<TopicPartition, string> _owners = [];
    private readonly HashSet<(TopicPartition Partition, long Offset)> _finished = [];
    private readonly List<string> _breaches = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ConcurrentQueue<(string Member, TopicPartition Partition, long Offset)> Records { get; } = new();

    /// <summary>What no group may do: take commits of two owners, commit beyond what was finished, go back, or hand out again what was committed.</summary>
    public IReadOnlyList<string> Breaches
    {
        get
        {
            lock (_gate)
            {
                return [.. _breaches];
            }
        }
    }

    /// <summary>How many different records have been finished.</summary>
    public int Finished
    {
        get
        {
            lock (_gate)
            {
                return _finished.Count;
            }
        }
    }

    /// <summary>Ends with the next change.</summary>
    public Task Changed => Volatile.Read(ref _changed).Task;

    /// <summary>Whether so many partitions are committed up to an offset.</summary>
    public bool IsCommitted(int partitions, long offset)
    {
        lock (_gate)
        {
            return _committed.Values.Count(c => c == offset) == partitions;
        }
    }

    /// <summary>A member is given partitions.</summary>
    public void Assign(string member, IReadOnlyList<TopicPartition> partitions)
    {
        lock (_gate)
        {
            foreach (TopicPartition partition in partitions)
            {
                _owners[partition] = member;
            }
        }
    }

    /// <summary>A member has finished a record.</summary>
    public void Finish(string member, TopicPartition partition, long offset)
    {
        lock (_gate)
        {
            Records.Enqueue((member, partition, offset));
            _finished.Add((partition, offset));
            NoteIf(offset < _committed.GetValueOrDefault(partition), $"{member} finished {offset} of {partition}, which the group had committed");
        }

        Pulse();
    }

    /// <summary>A member that does not tell what it commits has had a record in its hands.</summary>
    public void See(TopicPartition partition, long offset)
    {
        lock (_gate)
        {
            _finished.Add((partition, offset));
        }

        Pulse();
    }

    /// <summary>A member's commit was stored.</summary>
    public void Commit(string member, PartitionOffset committed)
    {
        lock (_gate)
        {
            long before = _committed.GetValueOrDefault(committed.Partition);
            string owner = _owners.GetValueOrDefault(committed.Partition, member);
            NoteIf(owner != member, $"{member} committed {committed.Partition} after {owner} had got it");
            NoteIf(committed.Offset < before, $"{member} committed {committed.Offset} of {committed.Partition} after {before}");
            NoteIf(committed.Offset > before && !_finished.Contains((committed.Partition, committed.Offset - 1)), $"{member} committed {committed.Offset} of {committed.Partition} before the record was finished");
            _committed[committed.Partition] = committed.Offset;
        }

        Pulse();
    }

    public void Pulse() => Interlocked.Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();

    private void NoteIf(bool isBreach, string what)
    {
        if (isBreach)
        {
            _breaches.Add(what);
        }
    }
}
