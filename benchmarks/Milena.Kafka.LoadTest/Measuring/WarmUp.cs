using System.Runtime;

namespace Milena.Kafka.LoadTest.Measuring;

/// <summary>Brings a client to its steady state: what the compiler takes is no part of it.</summary>
internal static class WarmUp
{
    private const int MostRounds = 20;

    // Twice the time for which the compiler waits before it makes code faster.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>Drives the client until the compiler has nothing left to make faster, or many rounds have not brought it to rest.</summary>
    /// <param name="records">The records of the first round; each further one has a tenth of them. With none nothing is warmed up.</param>
    /// <param name="drive">Sends or receives so many records.</param>
    public static async Task RunAsync(long records, Func<long, Task> drive)
    {
        if (records == 0)
        {
            return;
        }

        await drive(records);
        for (int i = 0; i < MostRounds; i++)
        {
            long compiled = JitInfo.GetCompiledMethodCount();
            await drive(Math.Max(1, records / 10));
            await Task.Delay(Pause);
            if (JitInfo.GetCompiledMethodCount() == compiled)
            {
                return;
            }
        }
    }
}
