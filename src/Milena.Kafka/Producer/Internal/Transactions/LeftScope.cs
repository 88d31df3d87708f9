namespace Milena.Kafka.Producer.Internal.Transactions;

/// <summary>Ends scopes that their users leave.</summary>
internal static class LeftScope
{
    /// <summary>Ends a scope that its user leaves: waits for a commit that is under way, and aborts what is not committed after it. Never fails.</summary>
    /// <param name="session">The transactions of its producer.</param>
    /// <param name="scope">The scope.</param>
    /// <param name="commit">Its commit, if one was asked for.</param>
    /// <returns>How it ended.</returns>
    public static async Task<TransactionOutcome> EndAsync(TransactionSession session, long scope, Task? commit)
    {
        try
        {
            if (commit is not null)
            {
                await commit.ConfigureAwait(false);
                return TransactionOutcome.Committed;
            }
        }
        catch (TransactionException failure) when (failure.Outcome == TransactionOutcome.Unknown)
        {
            return TransactionOutcome.Unknown;
        }
        catch (Exception failure)
        {
            // Who asked for the commit was told of it.
            Log.TransactionLeft(session.Logger, session.Id, failure.Message);
        }

        try
        {
            await session.AbortAsync(scope).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            // Fenced, or ended by the close of the producer: nobody commits it any more.
            Log.TransactionLeft(session.Logger, session.Id, failure.Message);
        }

        return TransactionOutcome.Aborted;
    }
}
