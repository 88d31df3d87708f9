namespace Milena.Kafka.Testing.Quotas;

/// <summary>
/// How much a client may still take at once, as Kafka measures changes of partitions (KIP-599): eleven seconds' worth at first, refilled at the rate of its quota.
/// Who has anything left may go into debt. Pure: it has no clock. Guarded by <see cref="ClientQuotas"/>.
/// </summary>
internal sealed class TokenBucket
{
    /// <summary>How many seconds' worth it holds.</summary>
    public const int Burst = 11;

    private double _tokens = double.PositiveInfinity;
    private DateTimeOffset _last;

    /// <summary>Takes an amount, however much is there.</summary>
    /// <param name="amount">How much.</param>
    /// <param name="rate">How much comes back in a second.</param>
    /// <param name="now">The time, which never goes back.</param>
    /// <returns>How long it takes until nothing is owed; zero if nothing is.</returns>
    public TimeSpan Take(double amount, double rate, DateTimeOffset now)
    {
        // A bucket that was never used is full.
        double refilled = double.IsPositiveInfinity(_tokens) ? _tokens : _tokens + (rate * (now - _last).TotalSeconds);
        _tokens = Math.Min(rate * Burst, refilled) - amount;
        _last = now;
        return RateMeter.Wait(-_tokens, rate);
    }

    /// <summary>Takes an amount unless something is owed.</summary>
    /// <inheritdoc cref="Take" path="/param"/>
    /// <returns>How long nothing can be taken; zero if the amount was.</returns>
    public TimeSpan TakeIfPaid(double amount, double rate, DateTimeOffset now)
    {
        TimeSpan owed = Take(0, rate, now);
        if (owed == TimeSpan.Zero)
        {
            Take(amount, rate, now);
        }

        return owed;
    }
}
