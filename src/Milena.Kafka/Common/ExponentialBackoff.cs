namespace Milena.Kafka;

/// <summary>How long to wait after a number of failures: doubling up to a limit, spread by chance so that clients do not return all at once.</summary>
/// <remarks>A seeded <see cref="Random"/> makes it repeatable, and then it belongs to one thread; <see cref="Random.Shared"/> may be used by any.</remarks>
internal sealed class ExponentialBackoff
{
    private const double Factor = 2;

    private readonly TimeSpan _initial;
    private readonly TimeSpan _max;
    private readonly double _jitter;
    private readonly Random _random;

    /// <summary>Sets the limits.</summary>
    /// <param name="initial">The wait after the first failure.</param>
    /// <param name="max">The longest wait.</param>
    /// <param name="random">The source of chance.</param>
    /// <param name="jitter">How far a wait may be off, as a share of it.</param>
    public ExponentialBackoff(TimeSpan initial, TimeSpan max, Random random, double jitter = 0.2)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(initial, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(max, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfNegative(jitter);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(jitter, 1);
        _initial = initial < max ? initial : max;
        _max = max;
        _jitter = jitter;
        _random = random;
    }

    /// <summary>The wait after some failures in a row; none after none.</summary>
    /// <param name="failures">How many, from 0.</param>
    public TimeSpan After(int failures)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(failures);
        if (failures == 0 || _initial == TimeSpan.Zero)
        {
            return TimeSpan.Zero;
        }

        // Compared as numbers first: the power soon leaves what a TimeSpan can hold.
        double ticks = Math.Min(_initial.Ticks * Math.Pow(Factor, failures - 1), _max.Ticks);
        double spread = 1 + (_jitter * ((2 * _random.NextDouble()) - 1));
        return TimeSpan.FromTicks((long)Math.Min(ticks * spread, _max.Ticks));
    }
}
