namespace Milena.Kafka.Common;

/// <summary>Pauses that double from a first one up to a longest one, each moved by up to 20 percent at random (KIP-580).</summary>
internal sealed class ExponentialBackoff
{
    private const double Jitter = 0.2;

    private readonly TimeSpan _first;
    private readonly TimeSpan _longest;
    private readonly Random _random;

    public ExponentialBackoff(TimeSpan first, TimeSpan longest, Random random)
    {
        _first = first;
        _longest = longest;
        _random = random;
    }

    /// <summary>The pause before the next attempt.</summary>
    /// <param name="failures">How many attempts have failed in a row; 0 means no pause.</param>
    public TimeSpan Pause(int failures)
    {
        if (failures <= 0)
        {
            return TimeSpan.Zero;
        }

        double doubled = _first.TotalMilliseconds * Math.Pow(2, Math.Min(failures - 1, 30));
        double bounded = Math.Min(doubled, _longest.TotalMilliseconds);
        double moved = bounded * (1 + (Jitter * ((2 * NextDouble()) - 1)));
        return TimeSpan.FromMilliseconds(Math.Min(moved, _longest.TotalMilliseconds));
    }

    private double NextDouble()
    {
        lock (_random)
        {
            return _random.NextDouble();
        }
    }
}
