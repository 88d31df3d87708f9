using System.Collections.Concurrent;

namespace Milena.Kafka.Tests.Consumer.Groups;

/// <summary>A member with its loop: runs until it is stopped, and notes what it gets and what its rebalance listener is told.</summary>
public sealed class GroupMemberRig : IAsyncDisposable, IRebalanceListener
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<(string Member, TopicPartition Partition, long Offset)> _seen;
    private readonly Lock _gate = new();
    private readonly HashSet<TopicPartition> _owned = [];
    private readonly List<string> _calls = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public GroupMemberRig(string name, KafkaClient kafka, ConsumerOptions options, ConcurrentQueue<(string Member, TopicPartition Partition, long Offset)> seen)
    {
        Name = name;
        _seen = seen;
        options.RebalanceListener ??= this;
        Consumer = kafka.CreateConsumer<string, string>(options);
    }

    public string Name { get; }

    public Consumer<string, string> Consumer { get; }

    public Task Loop { get; private set; } = Task.CompletedTask;

    /// <summary>What is done with each record.</summary>
    public Func<ConsumeResult<string, string>, Task>? Handler { get; set; }

    public IReadOnlyCollection<TopicPartition> Owned
    {
        get
        {
            lock (_gate)
            {
                return [.. _owned];
            }
        }
    }

    /// <summary>What the rebalance listener was told, such as <c>assigned 0 1</c>.</summary>
    public IReadOnlyList<string> Calls
    {
        get
        {
            lock (_gate)
            {
                return [.. _calls];
            }
        }
    }

    public GroupMemberRig Start()
    {
        Loop = Task.Run(RunAsync);
        return this;
    }

    /// <summary>Ends the loop, but not the membership.</summary>
    public async Task StopLoopAsync()
    {
        await _stop.CancelAsync();
        await Loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public async Task UntilAsync(Func<GroupMemberRig, bool> holds, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                changed = _changed.Task;
            }

            if (holds(this))
            {
                return;
            }

            await (await Task.WhenAny(changed.WaitAsync(cancellationToken), Loop.ContinueWith(EndOfLoop, cancellationToken, TaskContinuationOptions.None, TaskScheduler.Default)));
        }
    }

    public ValueTask OnAssignedAsync(IReadOnlyList<TopicPartition> partitions, CancellationToken cancellationToken)
    {
        Note("assigned", partitions, () => _owned.UnionWith(partitions));
        return ValueTask.CompletedTask;
    }

    public ValueTask OnRevokedAsync(IReadOnlyList<TopicPartition> partitions, CancellationToken cancellationToken)
    {
        Note("revoked", partitions, () => _owned.ExceptWith(partitions));
        return ValueTask.CompletedTask;
    }

    public ValueTask OnLostAsync(IReadOnlyList<TopicPartition> partitions, CancellationToken cancellationToken)
    {
        Note("lost", partitions, () => _owned.ExceptWith(partitions));
        return ValueTask.CompletedTask;
    }

    /// <summary>Closes the consumer as a program does that is shut down: the loop ends first.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopLoopAsync();
        await Consumer.DisposeAsync();
    }

    private static void EndOfLoop(Task loop)
    {
        loop.GetAwaiter().GetResult();
        throw new InvalidOperationException("The loop has ended.");
    }

    private void Note(string call, IReadOnlyList<TopicPartition> partitions, Action change)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            change();
            _calls.Add($"{call} {string.Join(' ', partitions.Select(p => p.Partition).Order())}".TrimEnd());
            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.SetResult();
    }

    private void Note()
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.SetResult();
    }

    private async Task RunAsync()
    {
        try
        {
            await foreach (ConsumeResult<string, string> record in Consumer.ConsumeAsync(_stop.Token))
            {
                if (Handler is not null)
                {
                    await Handler(record);
                }

                _seen.Enqueue((Name, record.TopicPartition, record.Offset));
                Note();
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Stopped.
        }
    }
}
