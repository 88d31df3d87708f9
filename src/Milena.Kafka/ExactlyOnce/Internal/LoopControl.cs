using Milena.Kafka.Consumer.Internal;

namespace Milena.Kafka.ExactlyOnce.Internal;

/// <summary>Holds a loop's machine under a lock: the loop moves it, the group and whoever stops the loop ask it to. What the group takes, it gets when the transaction has ended.</summary>
internal sealed class LoopControl : IRebalanceListener
{
    private readonly Lock _gate = new();
    private readonly LoopMachine _machine;
    private readonly IRebalanceListener? _next;
    private TaskCompletionSource _settled = NewSource();

    /// <param name="machine">The machine.</param>
    /// <param name="next">Is told after the loop; null for nobody.</param>
    public LoopControl(LoopMachine machine, IRebalanceListener? next)
    {
        _machine = machine;
        _next = next;
    }

    /// <summary>Set when the loop may have something else to do than it thought.</summary>
    public Wakeup Moved { get; } = new();

    public T With<T>(Func<LoopMachine, T> decide)
    {
        lock (_gate)
        {
            T decision = decide(_machine);
            if (_machine.IsEmpty)
            {
                _settled.TrySetResult();
            }
            else if (_settled.Task.IsCompleted)
            {
                _settled = NewSource();
            }

            return decision;
        }
    }

    public void With(Action<LoopMachine> decide) => With(machine =>
    {
        decide(machine);
        return true;
    });

    /// <summary>No further batch is begun.</summary>
    public void Stop()
    {
        With(machine => machine.Stop());
        Moved.Set();
    }

    public ValueTask OnAssignedAsync(IReadOnlyList<TopicPartition> partitions, CancellationToken cancellationToken) =>
        _next?.OnAssignedAsync(partitions, cancellationToken) ?? ValueTask.CompletedTask;

    public async ValueTask OnRevokedAsync(IReadOnlyList<TopicPartition> partitions, CancellationToken cancellationToken)
    {
        Task? settled = With(machine => machine.Leave(partitions) ? _settled.Task : null);
        if (settled is not null)
        {
            Moved.Set();
            await settled.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!settled.IsCompleted)
            {
                Lose(partitions);
            }
        }

        if (_next is not null)
        {
            await _next.OnRevokedAsync(partitions, cancellationToken).ConfigureAwait(false);
        }
    }

    public ValueTask OnLostAsync(IReadOnlyList<TopicPartition> partitions, CancellationToken cancellationToken)
    {
        Lose(partitions);
        return _next?.OnLostAsync(partitions, cancellationToken) ?? ValueTask.CompletedTask;
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Lose(IReadOnlyList<TopicPartition> partitions)
    {
        With(machine => machine.Lose(partitions));
        Moved.Set();
    }
}
