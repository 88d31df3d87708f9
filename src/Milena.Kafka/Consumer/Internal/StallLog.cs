using System.Globalization;
using Milena.Kafka.Consumer.Internal.Groups;

namespace Milena.Kafka.Consumer.Internal;

/// <summary>Says in the log why the consumer does not move.</summary>
internal static class StallLog
{
    private const int MostPartitions = 20;

    /// <summary>Looks once per interval, for ever.</summary>
    public static async Task RunAsync(FetchEngine engine, TimeSpan interval, CancellationToken cancellationToken)
    {
        var watch = new StallWatch();
        while (true)
        {
            await Task.Delay(interval, engine.Time, cancellationToken).ConfigureAwait(false);
            List<string> stalled = [.. watch.Look(engine.State.Status(engine.Now, engine.Time.GetUtcNow())).Take(MostPartitions).Select(Describe)];
            if (engine.Group is { } group && watch.LookAtGroup(isSettled: group.Standing.Gate == CommitGate.Open))
            {
                stalled.Insert(0, $"the membership in the group is {group.State}");
            }

            if (stalled.Count > 0)
            {
                Log.NothingMoves(engine.Logger, interval * 2, string.Join("; ", stalled));
            }
        }
    }

    private static string Describe(PartitionStatus status)
    {
        string fetch = status.LastFetch is { } last ? $"last fetch {last.Error} from broker {last.BrokerId} at {last.At.ToString("HH:mm:ss", CultureInfo.InvariantCulture)}" : "never fetched";
        string paused = status.PausedBy == PauseReasons.None ? "" : $", paused by {status.PausedBy}";
        return $"{status.Partition} at {status.Position?.ToString(CultureInfo.InvariantCulture) ?? "?"} waits for {status.WaitingFor}{paused}, "
            + $"lag {status.Lag?.ToString(CultureInfo.InvariantCulture) ?? "?"}, {status.BufferedBytes} bytes ready, {fetch}";
    }
}
