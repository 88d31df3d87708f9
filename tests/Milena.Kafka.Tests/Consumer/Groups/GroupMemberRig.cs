namespace Milena.Kafka.Tests.Consumer.Groups;

/// <summary>A member with its loop: runs until it is stopped, and notes what it gets and what its rebalance listener is told.</summary>
public sealed class GroupMemberRig : IAsyncDisposable, IRebalanceListener
{
    private readonly CancellationTokenSource _stop = new();
    private readonly GroupLog _log;
    private readonly Lock _gate = new();
    private readonly HashSet<TopicPartition> _owned = [];
    private readonly List<string> _calls = [];

    public GroupMemberRig(string name, KafkaClient kafka, ConsumerOptions options, GroupLog log)
    {
        Name = name;
        _log = log;
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
            Task changed = _log.Changed;
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
        lock (_gate)
        {
            change();
            _calls.Add($"{call} {string.Join(' ', partitions.Select(p => p.Partition).Order())}".TrimEnd());
        }

        _log.Pulse();
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

                _log.Records.Enqueue((Name, record.TopicPartition, record.Offset));
                _log.Pulse();
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Stopped.
        }
    }
}
