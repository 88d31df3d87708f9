using System.Threading.Tasks.Sources;

namespace Milena.Kafka.Producer.Internal;

/// <summary>What someone who awaits a delivery wants to run after it, and where. It never runs on a sender loop.</summary>
internal readonly struct DeliveryContinuation
{
    private readonly Action<object?> _callback;
    private readonly object? _state;
    private readonly ExecutionContext? _context;
    private readonly object? _scheduler;

    public DeliveryContinuation(Action<object?> callback, object? state, ValueTaskSourceOnCompletedFlags flags)
    {
        _callback = callback;
        _state = state;
        if ((flags & ValueTaskSourceOnCompletedFlags.FlowExecutionContext) != 0)
        {
            _context = ExecutionContext.Capture();
        }

        if ((flags & ValueTaskSourceOnCompletedFlags.UseSchedulingContext) != 0)
        {
            _scheduler = CurrentScheduler();
        }
    }

    public void Schedule()
    {
        if (_scheduler is null && _context is null)
        {
            ThreadPool.UnsafeQueueUserWorkItem(_callback, _state, preferLocal: false);
            return;
        }

        Action<object?> run = _context is null ? _callback : RunInContext;
        object? state = _context is null ? _state : this;
        switch (_scheduler)
        {
            case SynchronizationContext context:
                context.Post(new SendOrPostCallback(run), state);
                break;
            case TaskScheduler scheduler:
                Task.Factory.StartNew(run, state, CancellationToken.None, TaskCreationOptions.DenyChildAttach, scheduler);
                break;
            default:
                ThreadPool.UnsafeQueueUserWorkItem(run, state, preferLocal: false);
                break;
        }
    }

    private static object? CurrentScheduler()
    {
        if (SynchronizationContext.Current is { } context && context.GetType() != typeof(SynchronizationContext))
        {
            return context;
        }

        return TaskScheduler.Current == TaskScheduler.Default ? null : TaskScheduler.Current;
    }

    private static void RunInContext(object? state)
    {
        var continuation = (DeliveryContinuation)state!;
        ExecutionContext.Run(continuation._context!, new ContextCallback(continuation._callback), continuation._state);
    }
}
