using System.Diagnostics;
using System.Globalization;

namespace Milena.Kafka.LoadTest;

/// <summary>Members of a new group, and how long it takes until each has its share.</summary>
internal sealed class RebalanceRun(string bootstrap, string topic, int partitions, int members, GroupProtocol protocol)
{
    /// <summary>All join, one leaves, one joins.</summary>
    /// <returns>One line of JSON.</returns>
    public async Task<string> RoundAsync()
    {
        await using var kafka = new KafkaClient(bootstrap);
        var shares = new GroupShares();
        string group = $"rebalance-{Guid.NewGuid():N}";
        List<RebalanceMember> all = [];
        try
        {
            TimeSpan allJoin = await TimeAsync(shares, () => all.AddRange(Enumerable.Range(0, members).Select(i => Start(kafka, group, i, shares))), members);
            TimeSpan oneLeaves = await TimeAsync(
                shares,
                () =>
                {
                    Task leaving = all[^1].DisposeAsync().AsTask();
                    all.RemoveAt(all.Count - 1);
                    return leaving;
                },
                members - 1);
            TimeSpan oneJoins = await TimeAsync(shares, () => all.Add(Start(kafka, group, members, shares)), members);
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{{\"protocol\":\"{protocol}\",\"members\":{members},\"partitions\":{partitions},\"all_join_ms\":{allJoin.TotalMilliseconds:0},\"one_leaves_ms\":{oneLeaves.TotalMilliseconds:0},\"one_joins_ms\":{oneJoins.TotalMilliseconds:0}}}");
        }
        finally
        {
            await Task.WhenAll(all.Select(m => m.DisposeAsync().AsTask()));
        }
    }

    private RebalanceMember Start(KafkaClient kafka, string group, int number, GroupShares shares)
    {
        var options = new ConsumerOptions { GroupId = group, Topics = { topic }, GroupProtocol = protocol };
        if (protocol == GroupProtocol.Classic)
        {
            // Members learn of a rebalance by their next heartbeat; in the new protocol the brokers say how often that is, and the embedded ones say 200 ms.
            options.HeartbeatInterval = TimeSpan.FromMilliseconds(200);
        }

        return new RebalanceMember(kafka, options, $"m{number}", shares);
    }

    private Task<TimeSpan> TimeAsync(GroupShares shares, Action change, int expected) => TimeAsync(
        shares,
        () =>
        {
            change();
            return Task.CompletedTask;
        },
        expected);

    /// <summary>Times a change of the group until so many members share all partitions evenly.</summary>
    private async Task<TimeSpan> TimeAsync(GroupShares shares, Func<Task> change, int expected)
    {
        var watch = Stopwatch.StartNew();
        Task changing = change();
        await shares.UntilAsync(counts => counts.Count == expected && counts.Sum() == partitions && counts.Max() - counts.Min() <= 1);
        TimeSpan elapsed = watch.Elapsed;
        await changing;
        return elapsed;
    }
}
