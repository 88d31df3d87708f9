using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Producer.Internal;

/// <summary>One batch of one partition from its first record to its end, and the one owner of its buffer.</summary>
/// <remarks>
/// Appended to under the gate of the partition's queue; once taken from there, owned by the sender loop. The buffer goes back when the batch has ended
/// and each write that borrowed it has ended too, whichever is last.
/// </remarks>
internal sealed class ProducerBatch
{
    private readonly BatchMemory _memory;
    private readonly BatchDelivery _delivery;
    private readonly RecordBatchWriter _writer;
    private readonly int _firstIndex;
    private readonly int _capacity;
    private int _charge;
    private byte[]? _buffer;
    private BatchProducer _written = BatchProducer.None;
    private int _users = 1;
    private int _ended;

    /// <summary>Opens a batch.</summary>
    /// <param name="memory">Where the buffer comes from.</param>
    /// <param name="room">The bytes that it has at first; they were taken from the budget.</param>
    /// <param name="capacity">The most bytes that it may get.</param>
    /// <param name="delivery">What callers await.</param>
    /// <param name="firstIndex">The place in the delivery of the first record here.</param>
    /// <param name="createdAt">When the first record was accepted, on the producer's clock.</param>
    public ProducerBatch(BatchMemory memory, int room, int capacity, BatchDelivery delivery, int firstIndex, TimeSpan createdAt)
        : this(memory, room, capacity, room, delivery, firstIndex, createdAt)
    {
    }

    private ProducerBatch(BatchMemory memory, int room, int capacity, int charge, BatchDelivery delivery, int firstIndex, TimeSpan createdAt)
    {
        _memory = memory;
        _capacity = capacity;
        _charge = charge;
        _delivery = delivery;
        _firstIndex = firstIndex;
        _buffer = memory.Rent(room);
        _writer = new RecordBatchWriter(_buffer, room);
        CreatedAt = createdAt;
    }

    public BatchDelivery Delivery => _delivery;

    /// <summary>The place in the delivery of the first record here.</summary>
    public int FirstIndex => _firstIndex;

    /// <summary>The place among the batches of the partition; the parts of one that was split share it. Set by the queue.</summary>
    public long Place { get; set; }

    /// <summary>The identity and the sequence number that it goes out with; null before it does, and without idempotence. Set by the queue.</summary>
    public BatchProducer? Stamp { get; set; }

    /// <summary>How often running it was refused for its sequence numbers though it was the first in line. Set by the queue.</summary>
    public int Refusals { get; set; }

    /// <summary>How many later batches were given sequence numbers while this one was on its way, parts of one that was split each for itself. Set by the queue.</summary>
    public int Followers { get; set; }

    /// <summary>Whether a write may still read the buffer.</summary>
    public bool IsBorrowed => Volatile.Read(ref _users) > 1;

    public TimeSpan CreatedAt { get; }

    /// <summary>The bytes that it has room for by now.</summary>
    public int Room => _writer.Capacity;

    public int Count => _writer.Count;

    /// <summary>The bytes so far; less once closed with compression.</summary>
    public int Size => _writer.Size;

    public bool IsClosed => _writer.IsClosed;

    /// <summary>The finished batch.</summary>
    public ReadOnlyMemory<byte> Bytes => _writer.Batch;

    /// <summary>Attempts that failed.</summary>
    public int Failures { get; private set; }

    /// <summary>Whether some attempt may have reached the log.</summary>
    public bool MayBeStored { get; set; }

    /// <summary>Whether the request of some attempt was never answered: it may reach the log at any later time.</summary>
    public bool MayStillLand { get; private set; }

    /// <summary>The broker's last error code.</summary>
    public ErrorCode LastError { get; private set; }

    /// <summary>Why the last attempt failed; null if there was none.</summary>
    public string? LastFailure { get; private set; }

    /// <summary>The exception of the last attempt, if it was one.</summary>
    public Exception? LastException { get; private set; }

    /// <summary>An attempt was answered, and not about sequence numbers.</summary>
    /// <param name="mayBeStored">Whether the answer leaves it possible that the batch is in the log.</param>
    public void NoteAnswer(bool mayBeStored)
    {
        MayBeStored |= mayBeStored;
        Refusals = 0;
    }

    /// <summary>An attempt will never be answered.</summary>
    /// <param name="wasSent">Whether the broker may have seen some of the request.</param>
    public void NoteSilence(bool wasSent)
    {
        MayBeStored |= wasSent;
        MayStillLand |= wasSent;
        Refusals = 0;
    }

    /// <summary>It is known that the log does not have the batch, and that no attempt so far will ever reach it.</summary>
    public void NoteAbsence()
    {
        MayBeStored = false;
        MayStillLand = false;
        Refusals = 0;
    }

    /// <summary>Whether nothing more will become of it.</summary>
    public bool IsEnded => Volatile.Read(ref _ended) != 0;

    public bool TryAppend(in PendingRecord record, out AcceptedRecord accepted)
    {
        if ((record.IsAwaited && !_delivery.HasTokens) || !_writer.TryAppend(record.Timestamp, record.Key, record.Value, record.Headers))
        {
            accepted = default;
            return false;
        }

        accepted = new AcceptedRecord(_delivery, _delivery.Add(record.Timestamp, record.IsAwaited));
        if (record.Observer is { } observer)
        {
            _delivery.Observe(observer, record.Timestamp);
        }

        return true;
    }

    /// <summary>Takes a larger buffer for a record that did not fit, if it may have one and the budget has it.</summary>
    public bool TryGrow(in PendingRecord record)
    {
        int room = BatchRoom.Next(Room, _capacity);
        bool isOfUse = room > Room && Size + record.MaxSize <= _capacity && (!record.IsAwaited || _delivery.HasTokens);
        if (!isOfUse || !_memory.Budget.TryTake(room - Room))
        {
            return false;
        }

        byte[] old = _buffer!;
        _charge += room - Room;
        _buffer = _memory.Rent(room);
        _writer.MoveTo(_buffer, room);
        _memory.Return(old);
        return true;
    }

    /// <summary>Appends a copy of a record that is part of the delivery already, when a batch is split.</summary>
    public bool TryAppendCopy(in Record record) => _writer.TryAppend(record);

    /// <summary>Finishes the batch, before each attempt: the numbers may be others than last time.</summary>
    public void Close(BatchCompression? compression, RecordBatchFlags flags = RecordBatchFlags.None)
    {
        BatchProducer stamp = Stamp ?? BatchProducer.None;
        if (!_writer.IsClosed)
        {
            _writer.Close(flags, stamp, compression);
        }
        else if (stamp != _written)
        {
            _writer.SetProducer(stamp);
        }

        _written = stamp;
    }

    public void NoteFailure(ErrorCode code, string message, Exception? exception = null)
    {
        Failures++;
        LastError = code;
        LastFailure = message;
        LastException = exception;
    }

    /// <summary>Ends the batch; a second time does nothing. The buffer goes back as soon as no write borrows it.</summary>
    /// <returns>Whether the whole delivery, of which this may be a part, has ended with it.</returns>
    public bool End(DeliveryOutcome outcome)
    {
        // A producer that fails as a whole ends batches that loops have in their hands.
        if (Interlocked.Exchange(ref _ended, 1) != 0)
        {
            return false;
        }

        bool isLast = _delivery.End(_firstIndex, _writer.Count, outcome);
        GiveBack();
        return isLast;
    }

    /// <summary>Ends the batch without an outcome, since other batches carry its records.</summary>
    /// <returns>False if it had ended.</returns>
    public bool Replace()
    {
        if (Interlocked.Exchange(ref _ended, 1) != 0)
        {
            return false;
        }

        GiveBack();
        return true;
    }

    /// <summary>An empty batch that will carry some of the records of this one, with a share of the budget if there is any left.</summary>
    /// <param name="skipped">How many records of this batch come before.</param>
    public ProducerBatch CreatePart(int skipped)
    {
        // Waiting for budget here could wait for ever for what this very batch holds.
        int charge = _memory.Budget.TryTake(Room) ? Room : 0;
        return new ProducerBatch(_memory, Room, Room, charge, _delivery, _firstIndex + skipped, CreatedAt)
        {
            MayBeStored = MayBeStored,
            Place = Place,
            Followers = Followers,
            Stamp = Stamp is { } stamp ? stamp with { BaseSequence = PartitionSequences.Add(stamp.BaseSequence, skipped) } : null,
        };
    }

    /// <summary>A write is about to read the buffer.</summary>
    public void Borrow() => Interlocked.Increment(ref _users);

    /// <summary>Lends the buffer of a batch that may have ended.</summary>
    /// <returns>False if the buffer has gone back.</returns>
    public bool TryBorrow()
    {
        int users = Volatile.Read(ref _users);
        while (users > 0)
        {
            int seen = Interlocked.CompareExchange(ref _users, users + 1, users);
            if (seen == users)
            {
                return true;
            }

            users = seen;
        }

        return false;
    }

    /// <summary>A write has ended, or the batch has.</summary>
    public void GiveBack()
    {
        if (Interlocked.Decrement(ref _users) == 0)
        {
            byte[] buffer = Interlocked.Exchange(ref _buffer, null)
                ?? throw new InvalidOperationException("The buffer of a batch was returned twice.");
            _memory.Return(buffer, _charge);
        }
    }
}
