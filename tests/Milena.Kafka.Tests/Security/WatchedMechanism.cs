namespace Milena.Kafka.Tests.Security;

/// <summary>A mechanism that tells when authentications begin and end.</summary>
internal sealed class WatchedMechanism(ISaslMechanism inner) : ISaslMechanism
{
    private readonly Lock _gate = new();
    private readonly Dictionary<int, TaskCompletionSource> _started = [];
    private TaskCompletionSource _ended = New();
    private int _starts;

    public string Name => inner.Name;

    /// <summary>What the next ones fail with.</summary>
    public Exception? Fault { get; set; }

    /// <summary>Ends when the next authentication is over.</summary>
    public Task NextEnd()
    {
        lock (_gate)
        {
            _ended = New();
            return _ended.Task;
        }
    }

    /// <summary>Ends when so many have begun.</summary>
    public Task Started(int count)
    {
        lock (_gate)
        {
            TaskCompletionSource started = _started.TryGetValue(count, out TaskCompletionSource? known) ? known : _started[count] = New();
            if (_starts >= count)
            {
                started.TrySetResult();
            }

            return started.Task;
        }
    }

    public async ValueTask<ISaslExchange> StartAsync(SaslTarget target, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_started.TryGetValue(++_starts, out TaskCompletionSource? started))
            {
                started.TrySetResult();
            }
        }

        return Fault is { } fault ? throw fault : new Exchange(this, await inner.StartAsync(target, cancellationToken));
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed class Exchange(WatchedMechanism owner, ISaslExchange inner) : ISaslExchange
    {
        public ValueTask<ReadOnlyMemory<byte>?> RespondAsync(ReadOnlyMemory<byte> challenge, CancellationToken cancellationToken) => inner.RespondAsync(challenge, cancellationToken);

        public void Dispose()
        {
            inner.Dispose();
            lock (owner._gate)
            {
                owner._ended.TrySetResult();
            }
        }
    }
}
