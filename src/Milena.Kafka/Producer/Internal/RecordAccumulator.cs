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
    private readonly QueueAppender _appender;
    private readonly int _surelySmall;
    private TopicQueues? _lastTopic;

    public RecordAccumulator(ProducerContext context, BrokerSenders senders)
    {
        _context = context;
        _senders = senders;
        _appender = new QueueAppender(context, senders);
        _surelySmall = (int)Math.Min(int.MaxValue, Math.Min(Options.MaxRequestSize, Options.BufferMemory) - RecordBatchWriter.HeaderSize - RecordBatchWriter.EstimateSize(0, 0));
    }

    private ProducerOptions Options => _context.Options;

    private MetadataCache Metadata => _context.Cluster.Metadata;

    /// <summary>Puts a record into a batch if nothing has to be waited for.</summary>
    public bool TryAccept(in PendingRecord record, out AcceptedRecord accepted)
    {
        if (record.PayloadSize > _surelySmall)
        {
            ThrowIfTooLarge(in record);
        }

        TopicQueues topic = TopicOf(record.Topic);
        accepted = default;
        return topic.Line.IsEmpty
            && topic.TryUpdate(Metadata.Current)
            && record.Partition < topic.Queues.Length
            && TryAppend(topic, in record, granted: 0, out accepted, out _);
    }

    /// <summary>Puts a record into a batch, after metadata is known and room is there.</summary>
    /// <exception cref="BufferExhaustedException">There was no room in time.</exception>
    /// <exception cref="UnknownTopicException">The topic was not there in time.</exception>
    /// <exception cref="UnknownPartitionException">The topic has no such partition.</exception>
    public Task<AcceptedRecord> AcceptAsync(ParkedRecord record, CancellationToken cancellationToken)
    {
        TopicQueues topic = TopicOf(record.Topic);
        var waiting = new WaitingRecord(record, _context.Clock.Now + Options.MaxBlock, cancellationToken);

        // The place in the line is taken before the first wait: calls of one thread keep their order.
        if (topic.Line.Add(waiting))
        {
            _ = ServeAsync(topic);
        }

        return waiting.Task;
    }

    /// <summary>Refuses all records from now on and gives out the batches that are left.</summary>
    public List<ProducerBatch> Close(Exception refusal)
    {
        _appender.Refusal = refusal;
        var left = new List<ProducerBatch>();
        foreach (TopicQueues topic in _topics.Values)
        {
            foreach (PartitionQueue queue in topic.Queues)
            {
                using (queue.Gate.Enter())
                {
                    queue.Close(refusal, left);
                }
            }
        }

        return left;
    }

    /// <summary>Returns when no append that had begun before is under way.</summary>
    public void PassGates()
    {
        foreach (TopicQueues topic in _topics.Values)
        {
            foreach (PartitionQueue queue in topic.Queues)
            {
                queue.Gate.Enter().Dispose();
            }
        }
    }

    /// <summary>Takes out what is not on its way. What was in it is the caller's to end.</summary>
    public List<ProducerBatch> RemoveWaiting()
    {
        var removed = new List<ProducerBatch>();
        foreach (TopicQueues topic in _topics.Values)
        {
            foreach (PartitionQueue queue in topic.Queues)
            {
                using (queue.Gate.Enter())
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

        TopicQueues topic = _topics.GetOrAdd(name, static (n, context) => new TopicQueues(n, context.Cluster.Random, context.Options, context.Clock), _context);
        Volatile.Write(ref _lastTopic, topic);
        return topic;
    }

    /// <summary>Accepts the records of a line one after the other, until there is none. Never fails: what goes wrong is for the record's caller to learn.</summary>
    private async Task ServeAsync(TopicQueues topic)
    {
        bool hasMore;
        do
        {
            WaitingRecord first = topic.Line.First;
            AcceptedRecord? accepted = null;
            Exception? refusal = null;
            try
            {
                accepted = await AcceptFirstAsync(topic, first).ConfigureAwait(false);
            }
            catch (Exception why)
            {
                refusal = why;
            }

            // Whoever goes on because of this one finds it gone from the line.
            hasMore = topic.Line.RemoveFirst();
            if (accepted is { } place)
            {
                first.Accept(place);
            }
            else if (refusal is not null)
            {
                first.Refuse(refusal);
            }
        }
        while (hasMore);
    }

    /// <summary>Waits for metadata and room, and appends a record.</summary>
    /// <returns>Null if its caller has given up.</returns>
    private async ValueTask<AcceptedRecord?> AcceptFirstAsync(TopicQueues topic, WaitingRecord first)
    {
        if (first.IsGivenUp)
        {
            return null;
        }

        await SerializedAsync(first.Record, first.Deadline, first.Token).ConfigureAwait(false);
        await ResolveAsync(topic, first.Record, first.Deadline, first.Token).ConfigureAwait(false);
        int granted = 0;
        while (first.TryClaim())
        {
            if (TryAppend(topic, first.Record.ToPending(), granted, out AcceptedRecord accepted, out int needed))
            {
                return accepted;
            }

            // A wait for room is the sign for senders to let open batches go.
            first.Unclaim();
            int wanted = WorthWaitingFor(needed);
            ValueTask taken = TakeRoomAsync(wanted, first.Deadline, first.Token);
            _senders.Hurry();
            await taken.ConfigureAwait(false);
            granted = wanted;
        }

        if (granted > 0)
        {
            _context.Memory.Budget.Release(granted);
        }

        return null;
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
                if (_appender.TryAppendToOpen(queue, in record, out accepted))
                {
                    return true;
                }

                queue = queues[topic.MoveOn(queue, record.MaxSize) % queues.Length];
            }

            return _appender.TryAppend(queue, in record, needed, ref granted, out accepted);
        }
        finally
        {
            if (granted > 0)
            {
                _context.Memory.Budget.Release(granted);
            }
        }
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
            isSticky = record.Key.IsNull || Options.IgnoreKeys;
            chosen = isSticky ? topic.Sticky % count : Murmur2.Partition(record.Key.Span, count);
        }

        // Only a topic that was made anew with fewer partitions, just now, can fail here.
        return chosen < count ? chosen : throw UnknownPartition(topic, chosen, count, $"There is no partition {chosen}.");
    }

    private static UnknownPartitionException UnknownPartition(TopicQueues topic, int partition, int count, string fault) =>
        new(new TopicPartition(topic.Name, partition), $"{fault} Topic '{topic.Name}' has {count} partitions, numbered from 0.");

    /// <summary>Room for a few batches, if that is little of the whole: with one at a time a saturated producer would wait anew for each. What is not used goes back.</summary>
    private int WorthWaitingFor(int needed) => (int)Math.Max(needed, Math.Min(4L * needed, Math.Min(Options.BufferMemory / 8, int.MaxValue)));

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

    private async ValueTask TakeRoomAsync(int amount, TimeSpan deadline, CancellationToken cancellationToken)
    {
        try
        {
            await _context.Memory.Budget.TakeAsync(amount, deadline - _context.Clock.Now, _context.Time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new BufferExhaustedException(
                $"The record was not accepted within MaxBlock ({Options.MaxBlock.TotalSeconds:0.###} s): the buffer is full. Brokers take records slower than they are produced; produce slower, or raise BufferMemory ({Options.BufferMemory:N0} bytes).");
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
