using Milena.Kafka.Common;
using Milena.Kafka.Consumer.Internal;
using Milena.Kafka.Consumer.Internal.Groups;
using Milena.Kafka.Protocol;

namespace Milena.Kafka;

/// <content>What makes this consumer's progress part of a producer's transaction.</content>
public sealed partial class Consumer<TKey, TValue>
{
    /// <summary>As whom this consumer commits now (KIP-447): its group, its member id and its generation or member epoch. Another one after each rebalance.</summary>
    /// <value>For a consumer that assigns partitions by hand the group alone, which keeps nobody else from committing.</value>
    /// <remarks>Ask for it while the record or batch is in hand, and give it to <c>AddOffsets</c> of the transaction: the coordinator then refuses the commit if the partition has gone to another member.</remarks>
    /// <exception cref="InvalidOperationException">There is no <see cref="ConsumerOptions.GroupId"/>.</exception>
    /// <exception cref="GroupException">The consumer subscribes to topics and is no member of its group at the moment, so that what it has read may be another's.</exception>
    public ConsumerGroupMetadata GroupMetadata
    {
        get
        {
            string groupId = _options.GroupId ?? throw new InvalidOperationException("There is no group whose offsets could be part of a transaction: set ConsumerOptions.GroupId.");
            if (_group is null)
            {
                return new ConsumerGroupMetadata(groupId);
            }

            return ToMetadata(_group.Standing) ?? throw new GroupException(
                groupId,
                ErrorCode.UnknownMemberId,
                $"This consumer is no member of group '{groupId}' at the moment, so its partitions may be another's. Abort the transaction; reading on joins the group again, and the records come again to whoever has the partition then.");
        }
    }

    internal ConsumerMetrics Metrics => _engine.Metrics;

    internal ConsumeSpans Spans => _engine.Spans;

    /// <summary>As whom to commit. Waits for the epoch that the coordinator has moved on to, if it is on its way.</summary>
    /// <param name="limit">How long to wait.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>Null if the consumer is no member any more.</returns>
    internal async ValueTask<ConsumerGroupMetadata?> MembershipAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        GroupSession group = _group ?? throw new InvalidOperationException("The consumer is not subscribed.");
        long started = _engine.Time.GetTimestamp();
        while (true)
        {
            CommitStanding standing = group.Standing;
            TimeSpan left = limit - _engine.Time.GetElapsedTime(started);

            // KIP-447: in the classic protocol offsets of transactions are taken during a rebalance as well.
            if (standing is not { Gate: CommitGate.Waiting, Identity.HasEpoch: true } || left <= TimeSpan.Zero)
            {
                return ToMetadata(standing);
            }

            await standing.Changed.WaitAsync(left, _engine.Time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>The coordinator did not take offsets of a transaction for a reason of membership: the group is told, so that the consumer joins again.</summary>
    internal void NoteRefusal(ErrorCode error, ConsumerGroupMetadata asWhom)
    {
        bool hasEpoch = _group!.Standing.Identity.HasEpoch;

        // Before version 6 of TxnOffsetCommit an old epoch is told in the words of the classic protocol.
        ErrorCode meant = hasEpoch && error == ErrorCode.IllegalGeneration ? ErrorCode.StaleMemberEpoch : error;
        _group.Refused(meant, new GroupIdentity(asWhom.GroupId, asWhom.MemberId, asWhom.Generation, asWhom.InstanceId) { HasEpoch = hasEpoch });
    }

    /// <summary>Reads batches for a loop that has spans of its own.</summary>
    internal IAsyncEnumerator<ConsumeBatch<TKey, TValue>> ReadBatches(CancellationToken cancellationToken) =>
        new BatchStream<TKey, TValue>(Begin(toEnd: false, cancellationToken, CancellationToken.None), _decoder, _poison);

    /// <summary>Goes back to an offset, unless the partition has gone since it was claimed.</summary>
    internal void Rewind(PartitionClaim claim, long offset) => _engine.State.Rewind(claim, offset);

    private static ConsumerGroupMetadata? ToMetadata(in CommitStanding standing) => standing.Gate == CommitGate.Closed
        ? null
        : new ConsumerGroupMetadata(standing.Identity.GroupId, standing.Identity.MemberId, standing.Identity.Generation, standing.Identity.InstanceId);
}
