using System.Collections.Concurrent;
using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Producer.Internal;

/// <summary>Puts serialized records into the open batches of their partitions. Any thread.</summary>
/// <remarks>The way without waiting takes one lock, that of the partition's queue; a record that has to wait for metadata or room stands in the topic's line.</remarks>
internal sealed class RecordAccumulator
{
    private readonly ConcurrentDictionary<string, TopicQueues> _topics = new(StringComparer.Ordinal);
    private readonly ProducerContext _context;
    private readonly BrokerSenders _senders;
    private TopicQueues? _lastTopic;
    private volatile Exception? _refusal;

    public RecordAccumulator(ProducerContext context, BrokerSenders senders)
    {
        _context = context;
        _senders = senders;
    }

    private ProducerOptions Options => _context.Options;

    private MetadataCache Metadata => _context.Cluster.Metadata;

    /// <summary>Puts a record into a batch if nothing has to be waited for.</summary>
    public bool TryAccept(in PendingRecord record, out AcceptedRecord accepted)
    {
        ThrowIfTooLarge(in record);
        TopicQueues topic = TopicOf(record.Topic);
        accepted = default;
        return !topic.HasLine
            && topic.TryUpdate(Metadata.Current)
            && record.Partition < topic.Queues.Length
            && TryAppend(topic, in record, granted: 0, out accepted, out _);
    }

    /// <summary>Puts a record into a batch, after metadata is known and room is there.</summary>
    /// <exception cref="BufferExhaustedException">There was no room in time.</exception>
    /// <exception cref="UnknownTopicException">The topic was not there in time.</exception>
    /// <exception cref="UnknownPartitionException">The topic has no such partition.</exception>
    public async ValueTask<AcceptedRecord> AcceptAsync(ParkedRecord record, CancellationToken cancellationToken)
    {
        TimeSpan deadline = _context.Clock.Now + Options.MaxBlock;
        TopicQueues topic = TopicOf(record.Topic);

        // The place in the line is taken before the first wait: calls of one thread keep their order.
        await TakeAsync(topic.Line, 1, deadline, "earlier records of the topic wait for room", cancellationToken).ConfigureAwait(false);
        try
        {
            await SerializedAsync(record, deadline, cancellationToken).ConfigureAwait(false);
            await ResolveAsync(topic, record, deadline, cancellationToken).ConfigureAwait(false);
            int granted = 0;
            AcceptedRecord accepted;
            while (!TryAppend(topic, record.ToPending(), granted, out accepted, out int needed))
            {
                // A wait for room is the sign for senders to let open batches go.
                ValueTask taken = TakeAsync(_context.Memory.Budget, needed, deadline, "the buffer is full", cancellationToken);
                _senders.WakeAll();
                await taken.ConfigureAwait(false);
                granted = needed;
            }

            return accepted;
        }
        finally
        {
            topic.Line.Release(1);
        }
    }

    /// <summary>Refuses all records from now on and gives out the batches that are left.</summary>
    public List<ProducerBatch> Close(Exception refusal)
    {
        _refusal = refusal;
        var left = new List<ProducerBatch>();
        foreach (TopicQueues topic in _topics.Values)
        {
            foreach (PartitionQueue queue in topic.Queues)
            {
                lock (queue.Gate)
                {
                    queue.Close(refusal, left);
                }
            }
        }

        return left;
    }

    /// <summary>Takes out what is not on its way. What was in it is the caller's to end.</summary>
    public List<ProducerBatch> RemoveWaiting()
    {
        var removed = new List<ProducerBatch>();
        foreach (TopicQueues topic in _topics.Values)
        {
            foreach (PartitionQueue queue in topic.Queues)
            {
                lock (queue.Gate)
                {
                    queue.RemoveOlderThan(TimeSpan.MaxValue, removed);
                }

                // Numbers that were given to a batch for an earlier attempt leave a gap now.
                _context.Identity?.Repair(queue);
            }
        }

        return removed;
    }

    private TopicQueues TopicOf(string name)
    {
        TopicQueues? last = Volatile.Read(ref _lastTopic);
        if (last is not null && ReferenceEquals(last.Name, name))
        {
            return last;
        }

        TopicQueues topic = _topics.GetOrAdd(name, static (n, context) => new TopicQueues(n, context.Cluster.Random, context.Options.Idempotence), _context);
        Volatile.Write(ref _lastTopic, topic);
        return topic;
    }

    /// <summary>Appends a record.</summary>
    /// <param name="topic">The topic, whose partitions are known.</param>
    /// <param name="record">The record.</param>
    /// <param name="granted">The bytes of budget that were taken for it already; they are used or given back.</param>
    /// <param name="accepted">Where it is now.</param>
    /// <param name="needed">If it could not be appended: the bytes of budget that a batch for it takes.</param>
    private bool TryAppend(TopicQueues topic, in PendingRecord record, int granted, out AcceptedRecord accepted, out int needed)
    {
        PartitionQueue[] queues = topic.Queues;
        needed = (int)Math.Max(Options.BatchSize, RecordBatchWriter.HeaderSize + record.MaxSize);
        try
        {
            PartitionQueue queue = queues[SelectPartition(topic, queues.Length, in record, out bool isSticky)];
            if (isSticky)
            {
                if (TryAppendToOpen(queue, in record, out accepted))
                {
                    return true;
                }

                // The batch that records without a key filled is closed: on to the next partition.
                queue = queues[topic.MoveOn(queue.Partition.Partition) % queues.Length];
            }

            return TryAppend(queue, in record, needed, ref granted, out accepted);
        }
        finally
        {
            if (granted > 0)
            {
                _context.Memory.Budget.Release(granted);
            }
        }
    }

    private bool TryAppend(PartitionQueue queue, in PendingRecord record, int capacity, ref int granted, out AcceptedRecord accepted)
    {
        bool isNews;
        bool isAppended;
        bool isListed;
        lock (queue.Gate)
        {
            ThrowIfRefused(queue);
            if (queue.Open is { } open && open.TryAppend(in record, out accepted))
            {
                return true;
            }

            isNews = queue.EndOpen();
            isAppended = TryOpen(queue, capacity, ref granted);
            accepted = default;
            if (isAppended && !queue.Open!.TryAppend(in record, out accepted))
            {
                throw new InvalidOperationException($"A new batch of {capacity} bytes has no room for a record of at most {record.MaxSize}.");
            }

            isNews |= isAppended;
            isListed = queue.IsListed;
            queue.IsListed |= isNews;
        }

        if (isNews && !isListed)
        {
            _senders.List(queue);
        }
        else if (isNews)
        {
            queue.Sender?.Wake();
        }

        return isAppended;
    }

    private bool TryOpen(PartitionQueue queue, int capacity, ref int granted)
    {
        bool isGranted = granted >= capacity;
        if (!isGranted && !_context.Memory.Budget.TryTake(capacity))
        {
            return false;
        }

        granted = isGranted ? granted - capacity : granted;
        var delivery = new BatchDelivery(queue.Partition);
        _context.Tracker.Add(delivery);
        queue.Add(new ProducerBatch(_context.Memory, capacity, capacity, delivery, 0, _context.Clock.Now));
        return true;
    }

    private bool TryAppendToOpen(PartitionQueue queue, in PendingRecord record, out AcceptedRecord accepted)
    {
        bool isEnded;
        lock (queue.Gate)
        {
            ThrowIfRefused(queue);
            accepted = default;
            if (queue.Open is { } open && open.TryAppend(in record, out accepted))
            {
                return true;
            }

            isEnded = queue.EndOpen();
        }

        if (isEnded)
        {
            queue.Sender?.Wake();
        }

        return false;
    }

    private int SelectPartition(TopicQueues topic, int count, in PendingRecord record, out bool isSticky)
    {
        isSticky = false;
        int chosen = record.Partition;
        if (chosen < 0 && Options.Partitioner is { } partitioner)
        {
            chosen = partitioner.SelectPartition(topic.Name, count, record.Key.Span, record.Key.IsNull);
            isSticky = chosen == HashPartitioner.Any;
            chosen = isSticky ? topic.Sticky % count : chosen;
            if ((uint)chosen >= (uint)count)
            {
                throw UnknownPartition(topic, chosen, count, $"The partitioner {partitioner.GetType().Name} chose partition {chosen}.");
            }
        }
        else if (chosen < 0)
        {
            isSticky = record.Key.IsNull;
            chosen = isSticky ? topic.Sticky % count : Murmur2.Partition(record.Key.Span, count);
        }

        // Only a topic that was made anew with fewer partitions, just now, can fail here.
        return chosen < count ? chosen : throw UnknownPartition(topic, chosen, count, $"There is no partition {chosen}.");
    }

    private static UnknownPartitionException UnknownPartition(TopicQueues topic, int partition, int count, string fault) =>
        new(new TopicPartition(topic.Name, partition), $"{fault} Topic '{topic.Name}' has {count} partitions, numbered from 0.");

    /// <summary>Waits for a serializer that waits itself.</summary>
    private async ValueTask SerializedAsync(ParkedRecord record, TimeSpan deadline, CancellationToken cancellationToken)
    {
        Task serialized = record.Serialized;
        if (serialized.IsCompletedSuccessfully)
        {
            return;
        }

        try
        {
            TimeSpan left = deadline - _context.Clock.Now;
            await serialized.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, _context.Time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException) when (!serialized.IsFaulted)
        {
            throw new SerializationException($"A record for '{record.Topic}' was not serialized within MaxBlock ({Options.MaxBlock.TotalSeconds:0.###} s): its serializer still waits.");
        }

        ThrowIfTooLarge(record.ToPending());
    }

    private async ValueTask ResolveAsync(TopicQueues topic, ParkedRecord record, TimeSpan deadline, CancellationToken cancellationToken)
    {
        if (!topic.TryUpdate(Metadata.Current))
        {
            await Metadata.GetTopicAsync(topic.Name, allowCreation: true, deadline - _context.Clock.Now, cancellationToken).ConfigureAwait(false);
        }

        if (topic.TryUpdate(Metadata.Current) && record.Partition < topic.Queues.Length)
        {
            return;
        }

        // The topic may have grown since metadata was fetched.
        await Metadata.RefreshAsync(cancellationToken).ConfigureAwait(false);
        topic.TryUpdate(Metadata.Current);
        int count = topic.Queues.Length;
        if (count == 0)
        {
            throw new UnknownTopicException(topic.Name, $"Topic '{topic.Name}' has gone while a record waited for it.");
        }

        if (record.Partition >= count)
        {
            throw UnknownPartition(topic, record.Partition, count, $"There is no partition {record.Partition}.");
        }
    }

    private async ValueTask TakeAsync(FairSemaphore from, int amount, TimeSpan deadline, string why, CancellationToken cancellationToken)
    {
        try
        {
            await from.TakeAsync(amount, deadline - _context.Clock.Now, _context.Time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new BufferExhaustedException(
                $"The record was not accepted within MaxBlock ({Options.MaxBlock.TotalSeconds:0.###} s): {why}. Brokers take records slower than they are produced; produce slower, or raise BufferMemory ({Options.BufferMemory:N0} bytes).");
        }
    }

    private void ThrowIfRefused(PartitionQueue queue)
    {
        // A queue made after the end was not there to be closed; the accumulator's own word counts as well.
        if ((queue.Refusal ?? _refusal) is { } refusal)
        {
            throw refusal is ObjectDisposedException ? new ObjectDisposedException("Producer") : refusal;
        }
    }

    private void ThrowIfTooLarge(in PendingRecord record)
    {
        long size = RecordBatchWriter.HeaderSize + record.MaxSize;
        long limit = Math.Min(Options.MaxRequestSize, Options.BufferMemory);
        if (size > limit)
        {
            string option = Options.MaxRequestSize <= Options.BufferMemory ? nameof(ProducerOptions.MaxRequestSize) : nameof(ProducerOptions.BufferMemory);
            throw new RecordTooLargeException(
                record.Topic,
                size,
                $"A record for '{record.Topic}' takes up to {size:N0} bytes, more than {option} allows ({limit:N0}). Raise it together with the brokers' message.max.bytes, or store large values elsewhere.");
        }
    }
}
