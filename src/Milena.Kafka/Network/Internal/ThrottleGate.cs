using Milena.Kafka.Protocol;

namespace Milena.Kafka.Network.Internal;

/// <summary>Keeps a connection silent for as long as the broker asked (KIP-219). Set by the receive loop, awaited by the send loop.</summary>
internal sealed class ThrottleGate(TimeProvider timeProvider)
{
    private readonly long _start = timeProvider.GetTimestamp();
    private long _openAt;

    /// <summary>Takes note of an answer.</summary>
    /// <returns>Whether the connection must be silent now.</returns>
    public bool Observe(Api api, short version, TimeSpan throttleTime)
    {
        if (throttleTime <= TimeSpan.Zero || version < FirstThrottledByClient(api.Key))
        {
            return false;
        }

        // One writer, so that read and write need not be one step.
        Volatile.Write(ref _openAt, Math.Max(_openAt, (Now + throttleTime).Ticks));
        return true;
    }

    /// <summary>Waits until sending is allowed.</summary>
    /// <param name="cancellationToken">Set off when the connection ends.</param>
    public async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        // An answer may prolong the silence while it is being waited for.
        while (TimeSpan.FromTicks(Volatile.Read(ref _openAt)) - Now is { Ticks: > 0 } rest)
        {
            await Task.Delay(rest, timeProvider, cancellationToken).ConfigureAwait(false);
        }
    }

    private TimeSpan Now => timeProvider.GetElapsedTime(_start);

    // KIP-219: in lower versions the broker itself delayed the answer. APIs that came later always leave it to the client.
    private static short FirstThrottledByClient(ApiKey key) => key switch
    {
        ApiKey.Produce => 6,
        ApiKey.Fetch => 8,
        ApiKey.Metadata => 6,
        ApiKey.OffsetCommit or ApiKey.OffsetFetch => 4,
        ApiKey.ListOffsets or ApiKey.JoinGroup or ApiKey.CreateTopics => 3,
        ApiKey.FindCoordinator or ApiKey.Heartbeat or ApiKey.LeaveGroup or ApiKey.SyncGroup or ApiKey.DescribeGroups or ApiKey.ListGroups
            or ApiKey.ApiVersions or ApiKey.DeleteTopics or ApiKey.DescribeConfigs => 2,
        ApiKey.DeleteRecords or ApiKey.InitProducerId or ApiKey.AddPartitionsToTxn or ApiKey.AddOffsetsToTxn or ApiKey.EndTxn or ApiKey.TxnOffsetCommit
            or ApiKey.DescribeAcls or ApiKey.CreateAcls or ApiKey.DeleteAcls or ApiKey.AlterConfigs or ApiKey.AlterReplicaLogDirs or ApiKey.DescribeLogDirs
            or ApiKey.CreatePartitions or ApiKey.CreateDelegationToken or ApiKey.RenewDelegationToken or ApiKey.ExpireDelegationToken
            or ApiKey.DescribeDelegationToken or ApiKey.DeleteGroups => 1,
        _ => 0,
    };
}
