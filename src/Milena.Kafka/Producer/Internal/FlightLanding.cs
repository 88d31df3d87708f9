using Milena.Kafka.Cluster.Internal;
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
                EndFlight(queue);
                _end.Store(batch, baseOffset: -1, logAppendTime: -1);
            }
        }
    }

    private static void EndFlight(PartitionQueue queue)
    {
        lock (queue.Gate)
        {
            queue.EndFlight();
        }
    }

    /// <summary>
    /// Whether a broker that answers so may have stored the batch: it appended before it gave up on the replicas, or does not know itself what went wrong.
    /// </summary>
    private static bool MayHaveStored(ErrorCode code) =>
        code is ErrorCode.RequestTimedOut or ErrorCode.NotEnoughReplicasAfterAppend or ErrorCode.UnknownServerError or ErrorCode.KafkaStorageError;

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
            batch.MayBeStored |= wasBegun;
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
        Dictionary<TopicPartition, ProduceResponse.PartitionProduceResponse> answers = ProduceMessage.Read(flight.Request!, response);
        bool needsMetadata = false;
        foreach ((PartitionQueue queue, ProducerBatch batch) in flight.Parts)
        {
            if (!answers.TryGetValue(queue.Partition, out ProduceResponse.PartitionProduceResponse? answer))
            {
                batch.MayBeStored = true;
                batch.NoteFailure(ErrorCode.None, "the broker's answer does not mention the partition.");
                Retry(queue, batch, _context.Backoff.Pause(batch.Failures));
            }
            else if (answer.ErrorCode == ErrorCode.None)
            {
                EndFlight(queue);
                _end.Store(batch, answer.BaseOffset, answer.LogAppendTimeMs);
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

    /// <summary>Decides about a batch that the broker refused.</summary>
    /// <returns>Whether metadata must be fetched before it can succeed.</returns>
    private bool SettleRefused(PartitionQueue queue, ProducerBatch batch, ProduceResponse.PartitionProduceResponse answer, ProduceResponse response)
    {
        ErrorCode code = answer.ErrorCode;
        batch.MayBeStored |= MayHaveStored(code);
        string said = string.IsNullOrEmpty(answer.ErrorMessage) ? code.Meaning() : answer.ErrorMessage;
        batch.NoteFailure(code, $"{said} ({code.Name()})");
        if (code == ErrorCode.MessageTooLarge && batch.Count > 1 && !batch.IsEnded)
        {
            Split(queue, batch);
            return false;
        }

        RecoveryAction action = Recovery.Decide(code);
        if (action is not (RecoveryAction.Retry or RecoveryAction.RefreshMetadata or RecoveryAction.FindCoordinator))
        {
            Fail(queue, batch);
            return false;
        }

        bool hasMoved = TakeHint(queue.Partition, answer.CurrentLeader, response.NodeEndpoints);
        Retry(queue, batch, hasMoved ? TimeSpan.Zero : _context.Backoff.Pause(batch.Failures));
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
            EndFlight(queue);
            return;
        }

        Log.BatchRetried(_context.Logger, queue.Partition, batch.Count, batch.LastFailure!);
        lock (queue.Gate)
        {
            queue.Retry(batch, pause > TimeSpan.Zero ? _context.Clock.Now + pause : TimeSpan.Zero);
        }
    }

    private void Split(PartitionQueue queue, ProducerBatch batch)
    {
        Log.BatchSplit(_context.Logger, queue.Partition, batch.Count);
        (ProducerBatch first, ProducerBatch second) = BatchSplit.InHalves(batch);
        lock (queue.Gate)
        {
            queue.Retry(first, second);
        }
    }

    private void Fail(PartitionQueue queue, ProducerBatch batch)
    {
        EndFlight(queue);
        _end.Fail(batch, queue.Partition, batch.LastError, batch.LastFailure!, batch.LastException);
    }
}
