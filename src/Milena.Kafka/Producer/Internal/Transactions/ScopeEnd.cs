namespace Milena.Kafka.Producer.Internal.Transactions;

/// <summary>The commit or the abort of a scope: done once, whoever asks for it and however often. Any thread.</summary>
/// <param name="work">What is to be done. It may come to its end in the receive loop of a connection, where those who wait for it must not go on.</param>
internal sealed class ScopeEnd(Func<Task> work)
{
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _hasBegun;

    /// <summary>Begins unless it has begun. Not under a lock: requests are written on this thread.</summary>
    /// <returns>Ends as the work does.</returns>
    public Task RunAsync()
    {
        if (Interlocked.Exchange(ref _hasBegun, 1) == 0)
        {
            _ = WorkAsync();
        }

        return _over.Task;
    }

    private async Task WorkAsync()
    {
        Task working = work();
        await working.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _over.SetFromTask(working);
    }
}
