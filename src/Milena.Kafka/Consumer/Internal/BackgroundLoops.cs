using System.Collections.Concurrent;

namespace Milena.Kafka.Consumer.Internal;

/// <summary>A consumer's loops and look-ups that run by themselves. How they may end is decided here: by the closing, or the whole consumer ends with their failure.</summary>
internal sealed class BackgroundLoops : IAsyncDisposable
{
    private readonly ConcurrentDictionary<Task, bool> _running = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly Action<Exception, bool> _failed;

    /// <summary>Makes an empty set.</summary>
    /// <param name="failed">Told why one ended that should not have, and whether that was during the closing.</param>
    public BackgroundLoops(Action<Exception, bool> failed)
    {
        _failed = failed;
        Closing = _closing.Token;
    }

    /// <summary>Set off when they are to end.</summary>
    public CancellationToken Closing { get; }

    public void Run(Func<CancellationToken, Task> work)
    {
        var ended = new TaskCompletionSource();
        _running.TryAdd(ended.Task, true);
        _ = Task.Run(
            async () =>
            {
                try
                {
                    await work(Closing).ConfigureAwait(false);
                }
                catch (OperationCanceledException) when (Closing.IsCancellationRequested)
                {
                    // Closing; nobody waits for it.
                }
                catch (Exception failure)
                {
                    _failed(failure, Closing.IsCancellationRequested);
                }

                _running.TryRemove(ended.Task, out _);
                ended.SetResult();
            },
            CancellationToken.None);
    }

    /// <summary>Ends all of them, also those that the last ones start. Once.</summary>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        while (!_running.IsEmpty)
        {
            await Task.WhenAll(_running.Keys).ConfigureAwait(false);
        }

        _closing.Dispose();
    }
}
