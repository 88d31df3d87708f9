using System.Collections.Concurrent;

namespace Milena.Kafka.Tests.Consumer.Groups;

/// <summary>What all members of a test have finished, and a signal for whenever one of them sees anything.</summary>
public sealed class GroupLog
{
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ConcurrentQueue<(string Member, TopicPartition Partition, long Offset)> Records { get; } = new();

    /// <summary>Ends with the next change.</summary>
    public Task Changed => Volatile.Read(ref _changed).Task;

    public void Pulse() => Interlocked.Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
}
