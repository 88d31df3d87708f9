using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Common;
using Milena.Kafka.Network.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Producer.Internal;

/// <summary>Decides for each batch of a request that is over: stored, sent again, split, or failed. Runs in the sender's loop.</summary>
internal sealed class FlightLanding
{
    private readonly ProducerContext _context;
    private readonly BatchEnd _end;

    public FlightLanding(ProducerContext context, BatchEnd end)
    {
        _context = context;
        _end = end;
    }

    public void Settle(ProduceFlight flight)
    {
        if (flight.Failure is { } failure)
        {
            SettleUnanswered(flight, failure);
        }
        else if (flight.Response is { } response)
        {
            SettleAnswered(flight, response);
        }
        else
        {
            // Acks 0: it was written, and nobody will ever say more.
            foreach ((PartitionQueue queue, ProducerBatch batch) in flight.Parts)
            {
                Store(queue, batch, baseOffset: -1, logAppendTime: -1);
            }
        }
    }

    /// <summary>
    /// Whether a broker that answers so may have stored the batch: it appended before it gave up on the replicas, or lost the lead while it waited for
    /// them, or does not know itself what went wrong.
    /// </summary>
    internal static bool MayHaveStored(ErrorCode code, Acks acks) => code switch
    {
        ErrorCode.RequestTimedOut or ErrorCode.NotEnoughReplicasAfterAppend or ErrorCode.UnknownServerError or ErrorCode.KafkaStorageError => true,
        ErrorCode.NotLeaderOrFollower => acks == Acks.All,
        _ => false,
    };

    private void SettleUnanswered(ProduceFlight flight, Exception failure)
    {
        bool wasBegun = flight.Pending?.WasBegun ?? false;
        bool isRetriable = failure is KafkaException { IsRetriable: true };
        if (isRetriable)
        {
            _context.RequestMetadata();
        }

        foreach ((PartitionQueue queue, ProducerBatch batch) in flight.Parts)
        {
            batch.NoteSilence(wasBegun);
            batch.NoteFailure((failure as KafkaException)?.Code ?? ErrorCode.None, failure.Message, failure);
            if (isRetriable)
            {
                Retry(queue, batch, _context.Backoff.Pause(batch.Failures));
            }
            else
            {
                Fail(queue, batch);
            }
        }
    }

    private void SettleAnswered(ProduceFlight flight, ProduceResponse response)
    {
        var answers = new ProduceAnswers(flight.Request!, response);
        bool needsMetadata = false;
        foreach ((PartitionQueue queue, ProducerBatch batch) in flight.Parts)
        {
            if (answers.Find(queue.Partition) is not { } answer)
            {
                batch.NoteAnswer(mayBeStored: true);
                batch.NoteFailure(ErrorCode.None, "the broker's answer does not mention the partition.");
                Retry(queue, batch, _context.Backoff.Pause(batch.Failures));
            }
            else if (answer.ErrorCode is ErrorCode.None or ErrorCode.DuplicateSequenceNumber)
            {
                // A duplicate is in the log since an earlier attempt; brokers that no longer know where say -1.
                Store(queue, batch, answer.BaseOffset, answer.LogAppendTimeMs);
            }
            else if (IsAboutSequence(answer.ErrorCode) && queue.Sequences is not null)
            {
                SettleOutOfSequence(queue, batch, answer);
            }
            else
            {
                needsMetadata |= SettleRefused(queue, batch, answer, response);
            }
        }

        if (needsMetadata)
        {
            _context.RequestMetadata();
        }
    }

    private static bool IsAboutSequence(ErrorCode code) =>
        code is ErrorCode.OutOfOrderSequenceNumber or ErrorCode.UnknownProducerId or ErrorCode.InvalidProducerEpoch;

    private static string Describe(ProduceResponse.PartitionProduceResponse answer)
    {
        string said = string.IsNullOrEmpty(answer.ErrorMessage) ? answer.ErrorCode.Meaning() : answer.ErrorMessage;
        return $"{said} ({answer.ErrorCode.Name()})";
    }

    private void Store(PartitionQueue queue, ProducerBatch batch, long baseOffset, long logAppendTime)
    {
        using (queue.Gate.Enter())
        {
            queue.Acknowledge(batch);
        }

        _end.Store(batch, baseOffset, logAppendTime);
    }

    /// <summary>Decides about a batch whose numbers do not fit what the broker has: it came before its turn, or the row has a gap.</summary>
    private void SettleOutOfSequence(PartitionQueue queue, ProducerBatch batch, ProduceResponse.PartitionProduceResponse answer)
    {
        bool isEarly;
        bool mayGoAgain;
        using (queue.Gate.Enter())
        {
            isEarly = queue.HasEarlier(batch);
            mayGoAgain = queue.TryRepair(batch, answer.ErrorCode);

            // Within a transaction the identity stays: there are no other numbers to be had.
            mayGoAgain &= _context.Transactions is null || !queue.Sequences!.IsBroken;
        }

        if (!isEarly || batch.LastFailure is null)
        {
            batch.NoteFailure(answer.ErrorCode, Describe(answer));
        }

        if (mayGoAgain)
        {
            Retry(queue, batch, isEarly ? TimeSpan.Zero : _context.Backoff.Pause(batch.Failures));
        }
        else
        {
            Fail(queue, batch);
        }
    }

    /// <summary>Decides about a batch that the broker refused.</summary>
    /// <returns>Whether metadata must be fetched before it can succeed.</returns>
    private bool SettleRefused(PartitionQueue queue, ProducerBatch batch, ProduceResponse.PartitionProduceResponse answer, ProduceResponse response)
    {
        ErrorCode code = answer.ErrorCode;
        batch.NoteAnswer(MayHaveStored(code, _context.Options.Acks));
        batch.NoteFailure(code, Describe(answer));

        // What is in the log as a whole cannot be told from its parts by sequence: a batch that may be there is not split.
        bool maySplit = queue.Sequences is null || !batch.MayBeStored;
        if (code == ErrorCode.MessageTooLarge && batch.Count > 1 && !batch.IsEnded && maySplit)
        {
            Split(queue, batch);
            return false;
        }

        RecoveryAction action = Recovery.Decide(code);
        if (action is not (RecoveryAction.Retry or RecoveryAction.RetrySoon or RecoveryAction.RefreshMetadata or RecoveryAction.FindCoordinator))
        {
            Fail(queue, batch);
            return false;
        }

        bool hasMoved = TakeHint(queue.Partition, answer.CurrentLeader, response.NodeEndpoints);
        ExponentialBackoff backoff = action == RecoveryAction.RetrySoon ? _context.SoonBackoff : _context.Backoff;
        Retry(queue, batch, hasMoved ? TimeSpan.Zero : backoff.Pause(batch.Failures));
        return action == RecoveryAction.RefreshMetadata && !hasMoved;
    }

    /// <summary>KIP-951: the broker that no longer leads names the one that does, and the batch need not wait for metadata.</summary>
    /// <returns>Whether another leader is known now than before.</returns>
    private bool TakeHint(
        TopicPartition partition, ProduceResponse.LeaderIdAndEpoch? hint, List<ProduceResponse.NodeEndpoint> endpoints)
    {
        if (hint is not { LeaderId: >= 0 })
        {
            return false;
        }

        MetadataCache metadata = _context.Cluster.Metadata;
        int before = BrokerSenders.LeaderOf(metadata.Current, partition);
        BrokerEndpoint? endpoint = endpoints.Find(e => e.NodeId == hint.LeaderId) is { } node ? new BrokerEndpoint(node.NodeId, node.Host, node.Port, node.Rack) : null;
        metadata.ApplyLeader(partition, hint.LeaderId, hint.LeaderEpoch, endpoint);
        return BrokerSenders.LeaderOf(metadata.Current, partition) != before;
    }

    private void Retry(PartitionQueue queue, ProducerBatch batch, TimeSpan pause)
    {
        if (batch.IsEnded)
        {
            Abandon(queue, batch);
            return;
        }

        bool isGivenUp;
        using (queue.Gate.Enter())
        {
            // Looked at under the gate: who gives the transaction up takes out what waits after that.
            isGivenUp = _context.Transactions is { IsGivingUp: true };
            if (!isGivenUp)
            {
                queue.Retry(batch, pause > TimeSpan.Zero ? _context.Clock.Now + pause : TimeSpan.Zero);
            }
        }

        if (isGivenUp)
        {
            Fail(queue, batch);
            return;
        }

        _context.Metrics.BatchRetried(batch);

        // Not before: whoever reads it finds the batch among those that wait.
        Log.BatchRetried(_context.Logger, queue.Partition, batch.Count, batch.LastFailure!);
        _context.Identity?.Repair(queue);
    }

    private void Split(PartitionQueue queue, ProducerBatch batch)
    {
        Log.BatchSplit(_context.Logger, queue.Partition, batch.Count);
        _context.Metrics.BatchSplit(queue.Partition);
        if (!batch.TryBorrow())
        {
            Abandon(queue, batch);
            return;
        }

        (ProducerBatch first, ProducerBatch second) = BatchSplit.InHalves(batch);
        batch.GiveBack();
        bool isReplaced;
        using (queue.Gate.Enter())
        {
            // A producer that failed as a whole in the meantime has taken the batch out and ends it; nobody would ever end the parts.
            isReplaced = queue.InFlight.Contains(batch) && batch.Replace();
            if (isReplaced)
            {
                queue.Retry(batch, first, second);
            }
        }

        if (!isReplaced)
        {
            first.Replace();
            second.Replace();
            Abandon(queue, batch);
        }
    }

    private void Fail(PartitionQueue queue, ProducerBatch batch)
    {
        Abandon(queue, batch);
        _end.Fail(batch, queue.Partition, batch.LastError, batch.LastFailure!, batch.LastException);
    }

    private void Abandon(PartitionQueue queue, ProducerBatch batch)
    {
        using (queue.Gate.Enter())
        {
            queue.Abandon(batch);
        }

        _context.Identity?.Repair(queue);
    }
}
