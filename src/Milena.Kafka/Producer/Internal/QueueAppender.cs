using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Producer.Internal;

/// <summary>Appends records to the open batch of a partition, opens batches, and tells the sender of it. Any thread; takes one lock, that of the queue.</summary>
internal sealed class QueueAppender
{
    private readonly ProducerContext _context;
    private readonly BrokerSenders _senders;
    private volatile Exception? _refusal;

    public QueueAppender(ProducerContext context, BrokerSenders senders)
    {
        _context = context;
        _senders = senders;
    }

    /// <summary>Why no queue takes records any more; null while they do.</summary>
    public Exception? Refusal { get => _refusal; set => _refusal = value; }

    /// <summary>Appends a record to the open batch, if there is one with room. One without takes no more records then.</summary>
    public bool TryAppendToOpen(PartitionQueue queue, in PendingRecord record, out AcceptedRecord accepted)
    {
        bool isEnded;
        using (queue.Gate.Enter())
        {
            ThrowIfRefused(queue, in record);
            if (TryAppendUnderGate(queue, in record, out accepted))
            {
                return true;
            }

            isEnded = EndFull(queue);
            if (isEnded)
            {
                Announce(queue);
            }
        }

        if (isEnded)
        {
            queue.Sender?.Wake(SenderNews.Closed);
        }

        return false;
    }

    /// <summary>Appends a record, in a new batch if need be.</summary>
    /// <param name="queue">The queue of its partition.</param>
    /// <param name="record">The record.</param>
    /// <param name="capacity">The most bytes of a batch.</param>
    /// <param name="granted">The bytes of budget that were taken for it already; less what is used.</param>
    /// <param name="accepted">Where it is now.</param>
    /// <returns>False if the budget has no room for a new batch.</returns>
    public bool TryAppend(PartitionQueue queue, in PendingRecord record, int capacity, ref int granted, out AcceptedRecord accepted)
    {
        bool isClosed;
        bool isAppended;
        bool isListed;
        using (queue.Gate.Enter())
        {
            ThrowIfRefused(queue, in record);
            if (TryAppendUnderGate(queue, in record, out accepted))
            {
                return true;
            }

            isClosed = EndFull(queue);
            isAppended = TryOpen(queue, RecordBatchWriter.HeaderSize + record.MaxSize, capacity, ref granted);
            accepted = default;
            if (isAppended && !queue.Open!.TryAppend(in record, out accepted))
            {
                throw new InvalidOperationException($"A new batch of {capacity} bytes has no room for a record of at most {record.MaxSize}.");
            }

            if (isAppended && _context.Transactions is { } transactions && queue.TryJoin(record.Scope, transactions.MustRegister))
            {
                transactions.Join(queue);
            }

            isListed = queue.IsListed;
            queue.IsListed |= isClosed || isAppended;
            if (isListed && (isClosed || isAppended))
            {
                Announce(queue);
            }
        }

        if (isClosed || isAppended)
        {
            SenderNews news = isClosed ? SenderNews.Closed : SenderNews.Opened;
            if (isListed)
            {
                queue.Sender?.Wake(news);
            }
            else
            {
                _senders.List(queue, news);
            }
        }

        return isAppended;
    }

    private bool TryOpen(PartitionQueue queue, long record, int capacity, ref int granted)
    {
        int room = BatchRoom.First(queue.RoomHint, record, capacity);
        bool isGranted = granted >= room;
        if (!isGranted && !_context.Memory.Budget.TryTake(room))
        {
            return false;
        }

        granted = isGranted ? granted - room : granted;
        queue.RoomHint = BatchRoom.Hint(room);
        var delivery = new BatchDelivery(queue.Partition);
        _context.Tracker.Add(delivery);
        queue.Add(new ProducerBatch(_context.Memory, room, capacity, delivery, 0, _context.Clock.Now));
        return true;
    }

    /// <summary>Under the gate: appends to the open batch, which gets more room if it can have it.</summary>
    private static bool TryAppendUnderGate(PartitionQueue queue, in PendingRecord record, out AcceptedRecord accepted)
    {
        accepted = default;
        if (queue.Open is not { } open)
        {
            return false;
        }

        while (!open.TryAppend(in record, out accepted))
        {
            if (!open.TryGrow(in record))
            {
                return false;
            }

            queue.RoomHint = BatchRoom.Hint(open.Room);
        }

        return true;
    }

    /// <summary>Under the gate, so that the news goes to the sender that owns the queue or will.</summary>
    private static void Announce(PartitionQueue queue)
    {
        if (!queue.IsAnnounced && queue.Sender is { } sender)
        {
            queue.IsAnnounced = true;
            sender.Announce(queue);
        }
    }

    private static bool EndFull(PartitionQueue queue)
    {
        if (queue.Open is not { } full)
        {
            return false;
        }

        queue.RoomHint = full.Room;
        return queue.EndOpen();
    }

    private void ThrowIfRefused(PartitionQueue queue, in PendingRecord record)
    {
        // A queue made after the end was not there to be closed; the word for all of them counts as well.
        if ((queue.Refusal ?? _refusal) is { } refusal)
        {
            throw refusal is ObjectDisposedException ? new ObjectDisposedException("Producer") : refusal;
        }

        // Looked at under the gate: who seals a scope and then passes all gates knows that no record of it comes any more.
        _context.Transactions?.ThrowIfClosed(record.Scope, "Producing a record");
    }
}
