namespace Milena.Kafka.Cli.Measuring;

/// <summary>Keeps a rate: the n-th of its things is due at its time, however late those before it were.</summary>
/// <param name="perSecond">How many a second; 0 for no limit.</param>
/// <param name="time">The clock.</param>
internal sealed class Pace(double perSecond, TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();

    /// <summary>Waits until a thing is due, to a millisecond.</summary>
    public async ValueTask WaitAsync(long number, CancellationToken cancellationToken)
    {
        if (perSecond <= 0)
        {
            return;
        }

        TimeSpan early = TimeSpan.FromSeconds(number / perSecond) - time.GetElapsedTime(_start);
        if (early > TimeSpan.FromMilliseconds(1))
        {
            await Task.Delay(early, time, cancellationToken).ConfigureAwait(false);
        }
    }
}
