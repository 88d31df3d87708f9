using System.Diagnostics;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Protocol.Records;
using Milena.Kafka.Testing.Transactions;

namespace Milena.Kafka.Testing.State;

/// <content>Markers, and who writes.</content>
internal sealed partial class PartitionState
{
    /// <summary>Ends the transaction of a producer with a marker, whichever broker leads.</summary>
    public ErrorCode End(in TransactionMarker marker, TimeProvider time)
    {
        lock (_gate)
        {
            return _leadership.Leader < 0 && !_isDeleted ? ErrorCode.NotLeaderOrFollower : End(_leadership.Leader, marker, time);
        }
    }

    /// <summary>Ends the transaction of a producer with a marker.</summary>
    public ErrorCode End(int brokerId, in TransactionMarker marker, TimeProvider time)
    {
        lock (_gate)
        {
            ErrorCode error = LeaderError(brokerId, -1) is var leader && leader != ErrorCode.None ? leader : _producers.Check(marker);
            if (error != ErrorCode.None)
            {
                return error;
            }

            long now = time.GetUtcNow().ToUnixTimeMilliseconds();
            byte[] batch = ControlRecord.CreateMarkerBatch(
                marker.IsCommit ? ControlRecordType.Commit : ControlRecordType.Abort,
                marker.Producer.Id,
                marker.Producer.Epoch,
                marker.CoordinatorEpoch,
                now);
            long offset = _log.Append(Open(batch), _leadership.Epoch, Topic.Configs.UsesLogAppendTime ? now : null);
            _producers.Add(marker, offset, now);
            SignalWatchers();
            return ErrorCode.None;
        }
    }

    /// <summary>Who has written here, and with which transaction open.</summary>
    public IReadOnlyList<DescribeProducersResponse.ProducerState> DescribeProducers()
    {
        lock (_gate)
        {
            return [.. _producers.All.Select(producer => new DescribeProducersResponse.ProducerState
            {
                ProducerId = producer.Id,
                ProducerEpoch = producer.Entry.Epoch,
                LastSequence = producer.Entry.LastSequence,
                LastTimestamp = producer.Entry.LastTimestamp,
                CoordinatorEpoch = producer.Entry.CoordinatorEpoch,
                CurrentTxnStartOffset = producer.Entry.TransactionStart ?? -1,
            })];
        }
    }

    private static RecordBatch Open(ReadOnlyMemory<byte> bytes)
    {
        RecordBatches.Enumerator batches = new RecordBatches(bytes).GetEnumerator();
        return batches.MoveNext() ? batches.Current : throw new UnreachableException("A batch that was just made is none.");
    }

    /// <summary>Learns of producers from what stands in the log, as a new leader does.</summary>
    private void Replay(in RecordBatch batch, BatchEntry entry)
    {
        if (!batch.IsControl)
        {
            _producers.Add(batch, entry.BaseOffset, Topic.Configs.UsesLogAppendTime ? entry.MaxTimestamp : null);
            return;
        }

        using BatchRecords records = batch.OpenRecords();
        foreach (ref readonly Record record in records)
        {
            ControlRecord control = ControlRecord.Read(record);
            var producer = new ProducerIdentity(batch.Producer.Id, batch.Producer.Epoch);
            var marker = new TransactionMarker(producer, control.Type == ControlRecordType.Commit, control.CoordinatorEpoch, MustHaveNewEpoch: false);
            _producers.Add(marker, entry.BaseOffset, record.Timestamp);
        }
    }
}
