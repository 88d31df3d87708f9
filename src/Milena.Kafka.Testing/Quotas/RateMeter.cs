namespace Milena.Kafka.Testing.Quotas;

/// <summary>
/// How much comes in a second, over the last eleven windows of a second, as Kafka measures quotas. Pure: it has no clock. Guarded by <see cref="ClientQuotas"/>.
/// </summary>
internal sealed class RateMeter
{
    /// <summary>How many seconds' worth may come at once, before anything else has come.</summary>
    public const int Burst = Samples - 1;

    private const int Samples = 11;
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(1);

    private readonly Queue<(DateTimeOffset Start, double Sum)> _past = new();
    private (DateTimeOffset Start, double Sum)? _current;

    /// <summary>Counts an amount.</summary>
    /// <param name="amount">How much; a negative amount takes back what was counted.</param>
    /// <param name="limit">How much may come in a second.</param>
    /// <param name="now">The time, which never goes back.</param>
    /// <returns>How long nothing more may come until the rate is down to the limit again; zero if it is below.</returns>
    public TimeSpan Record(double amount, double limit, DateTimeOffset now)
    {
        if (_current is { } current && now - current.Start < Window)
        {
            _current = (current.Start, current.Sum + amount);
        }
        else
        {
            if (_current is { } last)
            {
                _past.Enqueue(last);
            }

            _current = (now, amount);
        }

        while (_past.TryPeek(out (DateTimeOffset Start, double Sum) oldest) && now - oldest.Start >= Window * Samples)
        {
            _past.Dequeue();
        }

        double total = _current.Value.Sum + _past.Sum(sample => sample.Sum);
        double seconds = Span(now).TotalSeconds;
        return Wait(total - (limit * seconds), limit);
    }

    /// <summary>How long it takes until an excess is made up for, in whole milliseconds; with a limit of zero as long as an answer can tell.</summary>
    public static TimeSpan Wait(double excess, double limit) =>
        excess <= 0 ? TimeSpan.Zero : TimeSpan.FromMilliseconds(Math.Min(int.MaxValue, Math.Round(excess / limit * 1000)));

    /// <summary>The time that counts: never less than ten windows, so that the first amounts do not look like a high rate.</summary>
    private TimeSpan Span(DateTimeOffset now)
    {
        DateTimeOffset oldest = _past.TryPeek(out (DateTimeOffset Start, double Sum) sample) ? sample.Start : _current!.Value.Start;
        TimeSpan elapsed = now - oldest;
        int whole = (int)(elapsed / Window);
        return whole < Burst ? elapsed + (Window * (Burst - whole)) : elapsed;
    }
}
