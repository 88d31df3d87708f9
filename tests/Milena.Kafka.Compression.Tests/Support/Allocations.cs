namespace Milena.Kafka.Compression.Tests.Support;

/// <summary>Measures what a call leaves to the collector.</summary>
public static class Allocations
{
    private const int WarmUp = 50;
    private const int Rounds = 10;
    private const int CallsPerRound = 10;

    /// <summary>The managed bytes that one call allocates on its thread once it is warm.</summary>
    /// <remarks>
    /// The least of several rounds, each of several calls: what the runtime does once or now and then on the caller's thread (a shelf of the
    /// shared array pool, an array again after the collector trimmed the pool, a type's first use in code that was compiled anew) falls into some rounds,
    /// what calls do falls into all. Other threads are not counted.
    /// </remarks>
    public static long OfCall(Action call)
    {
        for (int i = 0; i < WarmUp; i++)
        {
            call();
        }

        long least = long.MaxValue;
        for (int round = 0; round < Rounds; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < CallsPerRound; i++)
            {
                call();
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        // Rounded up: a single byte in a round counts.
        return (least + CallsPerRound - 1) / CallsPerRound;
    }
}
