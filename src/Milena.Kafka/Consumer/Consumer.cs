using System.Diagnostics;
using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Common;
using Milena.Kafka.Consumer.Internal;
using Milena.Kafka.Consumer.Internal.Groups;

namespace Milena.Kafka;

/// <summary>
/// Reads records: as a member of a group, which shares out the partitions of <see cref="ConsumerOptions.Topics"/>, or of partitions that are given to
/// <see cref="Assign(IEnumerable{PartitionStart})"/>. Then <c>await foreach</c> over records or batches.
/// </summary>
/// <remarks>
/// <para>A member joins its group with the first enumeration. What the loop has finished is committed by itself (<see cref="ConsumerOptions.AutoCommit"/>): a record or batch is
/// finished when the loop asks for the next one, also if that ends with a cancelled token. One that the loop was left with, by <c>break</c> or an exception, is not.</para>
/// <para>Records of one partition come in order, each once. Partitions are fetched ahead in the background, up to <see cref="ConsumerOptions.QueuedMaxBytes"/>,
/// from the first enumeration on. Brokers that are down, leaders that move and connections that break are waited out; exceptions are for what cannot heal by itself.</para>
/// <para>One enumeration may be active at a time. Leaving it, by <c>break</c>, cancellation or an exception, keeps the position: the next enumeration goes on with the first
/// record that was not handed out. All other members may be called at any time by any thread.</para>
/// </remarks>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
public sealed partial class Consumer<TKey, TValue> : IAsyncDisposable
{
    private readonly KafkaCluster _cluster;
    private readonly ConsumerOptions _options;
    private readonly RecordDecoder<TKey, TValue> _decoder;
    private readonly ConsumerInterceptors<TKey, TValue>? _interceptors;
    private readonly PoisonSettler _poison;
    private readonly ForwardRecord _forward;
    private readonly FetchEngine _engine;
    private readonly GroupSession? _group;
    private readonly OffsetCommitter? _committer;
    private readonly Lock _closeGate = new();
    private Task? _closing;
    private int _isReading;
    private int _isDisposed;

    internal Consumer(
        KafkaCluster cluster,
        ConsumerOptions options,
        IDeserializer<TKey> keys,
        IDeserializer<TValue> values,
        IConsumerInterceptor<TKey, TValue>[] interceptors,
        ForwardRecord forward)
    {
        _cluster = cluster;
        _options = options;
        _forward = forward;
        _engine = new FetchEngine(cluster, options);
        _interceptors = interceptors.Length == 0 ? null : new ConsumerInterceptors<TKey, TValue>(interceptors, _engine.Logger);
        _decoder = new RecordDecoder<TKey, TValue>(keys, values, _interceptors);
        _poison = new PoisonSettler(options, forward, _engine.Metrics, _engine.Logger);
        if (options.IsSubscribed)
        {
            _group = new GroupSession(cluster, _engine, options, CreateMembership(cluster, options), _engine.Logger) { PollExceeded = OnPollExceeded };
            _committer = _group.Committer;
        }
        else if (options.GroupId is { } groupId)
        {
            _committer = new OffsetCommitter(cluster, _engine.State, new OutsiderStanding(groupId));
        }

        _engine.Group = _group;
        _engine.Committer = _committer;
        if (_committer is not null)
        {
            _committer.Stored = OnStored;
            _committer.Metrics = _engine.Metrics;
        }
    }

    /// <summary>The assigned partitions, in no order.</summary>
    public IReadOnlyList<TopicPartition> Assignment => _engine.State.Assignment;

    /// <summary>Sets the partitions to read and where to start in each. Replaces what was assigned before; a partition that stays begins anew.</summary>
    /// <param name="partitions">The partitions; none to read nothing.</param>
    /// <exception cref="ArgumentException">A partition has no topic, has a negative number, is named twice, or is to start at a committed offset without a group.</exception>
    /// <exception cref="InvalidOperationException">The consumer subscribes to topics as a member of a group.</exception>
    public void Assign(params IEnumerable<PartitionStart> partitions)
    {
        ArgumentNullException.ThrowIfNull(partitions);
        ThrowIfDisposed();
        if (_group is not null)
        {
            throw new InvalidOperationException("This consumer subscribes to topics, so its group assigns the partitions. Leave Topics and TopicPattern empty to assign them by hand.");
        }

        PartitionStart[] all = [.. partitions];
        var seen = new HashSet<TopicPartition>();
        foreach (PartitionStart partition in all)
        {
            Check(partition.Partition, nameof(partitions));
            if (partition.Start == StartPosition.Committed && _committer is null)
            {
                throw new ArgumentException($"{partition} needs a GroupId.", nameof(partitions));
            }

            if (!seen.Add(partition.Partition))
            {
                throw new ArgumentException($"{partition.Partition} is named twice.", nameof(partitions));
            }
        }

        _engine.State.Assign(all);
    }

    /// <summary>Assigns all partitions that a topic has now. Partitions that are added later are not read.</summary>
    /// <param name="topic">The topic's name.</param>
    /// <param name="start">Where to start in each.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="UnknownTopicException">The topic was not there within <see cref="KafkaClientOptions.ApiTimeout"/>.</exception>
    /// <exception cref="KafkaException">The cluster cannot be reached or denies access.</exception>
    public async Task AssignTopicAsync(string topic, StartPosition start, CancellationToken cancellationToken = default)
    {
        IReadOnlyList<TopicPartition> partitions = await GetPartitionsAsync(topic, cancellationToken).ConfigureAwait(false);
        Assign(partitions.Select(p => new PartitionStart(p, start)));
    }

    /// <summary>The partitions that a topic has now.</summary>
    /// <param name="topic">The topic's name.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="UnknownTopicException">The topic was not there within <see cref="KafkaClientOptions.ApiTimeout"/>.</exception>
    /// <exception cref="KafkaException">The cluster cannot be reached or denies access.</exception>
    public async Task<IReadOnlyList<TopicPartition>> GetPartitionsAsync(string topic, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(topic);
        ThrowIfDisposed();
        TopicMetadata known = await _cluster.Metadata.GetTopicAsync(topic, allowCreation: false, _cluster.Options.ApiTimeout, cancellationToken).ConfigureAwait(false);
        return [.. known.Partitions.Select(p => new TopicPartition(topic, p.Partition))];
    }

    /// <summary>Moves the position of a partition. What was fetched for the old one is dropped; the next record comes from the new one.</summary>
    /// <param name="partition">An assigned partition.</param>
    /// <param name="position">Where to go on.</param>
    /// <exception cref="InvalidOperationException">The partition is not assigned.</exception>
    public void Seek(TopicPartition partition, StartPosition position)
    {
        ThrowIfDisposedForGood();
        _engine.State.Seek(partition, position);
    }

    /// <summary>The offset after the last record that was handed out, or where reading starts.</summary>
    /// <param name="partition">An assigned partition.</param>
    /// <returns>The offset; null while a start other than an offset has not been looked up, which the first enumeration does.</returns>
    /// <exception cref="InvalidOperationException">The partition is not assigned.</exception>
    public long? Position(TopicPartition partition)
    {
        ThrowIfDisposedForGood();
        return _engine.State.Position(partition);
    }

    /// <summary>Asks the cluster for the ends of a partition, which need not be assigned.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="KafkaException">There is no such partition, or the cluster cannot be reached or denies access.</exception>
    public async Task<Watermarks> GetWatermarksAsync(TopicPartition partition, CancellationToken cancellationToken = default)
    {
        Task<long> low = GetOffsetAsync(partition, StartPosition.Beginning, cancellationToken);
        Task<long> high = GetOffsetAsync(partition, StartPosition.End, cancellationToken);
        await Task.WhenAll(low, high).ConfigureAwait(false);
        return new Watermarks(await low.ConfigureAwait(false), await high.ConfigureAwait(false));
    }

    /// <summary>Asks the cluster which offset a position has now. The partition need not be assigned.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="position">The position.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="KafkaException">There is no such partition, or the cluster cannot be reached or denies access.</exception>
    public async Task<long> GetOffsetAsync(TopicPartition partition, StartPosition position, CancellationToken cancellationToken = default)
    {
        IReadOnlyDictionary<TopicPartition, long> offsets = await GetOffsetsAsync([partition], position, cancellationToken).ConfigureAwait(false);
        return offsets[partition];
    }

    /// <summary>Asks the cluster which offset a position has now in each of some partitions. They need not be assigned.</summary>
    /// <param name="partitions">The partitions.</param>
    /// <param name="position">The position.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="KafkaException">There is no such partition, or the cluster cannot be reached or denies access.</exception>
    public async Task<IReadOnlyDictionary<TopicPartition, long>> GetOffsetsAsync(
        IEnumerable<TopicPartition> partitions, StartPosition position, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(partitions);
        ThrowIfDisposed();
        TopicPartition[] all = [.. partitions];
        Array.ForEach(all, p => Check(p, nameof(partitions)));
        Dictionary<TopicPartition, Answer<FoundOffset>> found = await _engine.Offsets.FindAsync(all, position, cancellationToken).ConfigureAwait(false);
        return found.ToDictionary(f => f.Key, f => f.Value.Value.Offset);
    }

    /// <summary>Reads the records of the assigned partitions, for ever.</summary>
    /// <param name="cancellationToken">Ends the enumeration with an <see cref="OperationCanceledException"/>.</param>
    /// <remarks>
    /// <para>The position moves with each record that is handed out. A key or value that cannot be read ends the enumeration with a
    /// <see cref="SerializationException"/> that names the record. The position stays at it: the next enumeration meets it again, unless it is left out by
    /// <see cref="Seek"/> to the offset after it. Nothing is ever skipped silently.</para>
    /// <para>The same holds for a batch that is damaged (<see cref="CorruptRecordException"/>), a position that the log does not have
    /// (<see cref="OffsetOutOfRangeException"/>, only without <see cref="ConsumerOptions.OutOfRange"/>), a topic that is gone (<see cref="UnknownTopicException"/>) or denied
    /// (<see cref="AuthorizationException"/>). Each is thrown once; a new enumeration tries again, and the other partitions go on.</para>
    /// <para>If somebody listens to <see cref="KafkaDiagnostics.ActivitySourceName"/> when it begins, the loop body has a span for each record, which is the current activity until the body comes back.</para>
    /// </remarks>
    /// <exception cref="InvalidOperationException">Another enumeration of this consumer is active.</exception>
    public IAsyncEnumerable<ConsumeResult<TKey, TValue>> ConsumeAsync(CancellationToken cancellationToken = default) =>
        Loop(toEnd: false, cancellationToken);

    /// <summary>Reads the records that the assigned partitions hold at the moment of the call, and ends.</summary>
    /// <param name="cancellationToken">Ends the enumeration with an <see cref="OperationCanceledException"/>.</param>
    /// <remarks>It ends when every partition has come to the end that it had. Records stored meanwhile may be among those handed out. Otherwise as <see cref="ConsumeAsync"/>.</remarks>
    /// <exception cref="InvalidOperationException">The consumer is a member of a group, or another enumeration of it is active.</exception>
    public IAsyncEnumerable<ConsumeResult<TKey, TValue>> ConsumeToEndAsync(CancellationToken cancellationToken = default) => _group is not null
        ? throw new InvalidOperationException("A member of a group does not know which partitions it will be given, so there is no end to read to. Assign partitions by hand for that.")
        : Loop(toEnd: true, cancellationToken);

    /// <summary>Reads the batches of the assigned partitions, for ever. The cheapest way to read.</summary>
    /// <param name="cancellationToken">Ends the enumeration with an <see cref="OperationCanceledException"/>.</param>
    /// <remarks>
    /// A batch is what a producer stored at once, of one partition. It borrows the consumer's buffer until the next one is asked for. The position moves behind a batch when
    /// it is handed out; if the loop is left because a record of it could not be read, the position goes back to that record. Failures otherwise as with <see cref="ConsumeAsync"/>.
    /// </remarks>
    /// <exception cref="InvalidOperationException">Another enumeration of this consumer is active.</exception>
    public IAsyncEnumerable<ConsumeBatch<TKey, TValue>> ConsumeBatchesAsync(CancellationToken cancellationToken = default) =>
        new Enumeration<ConsumeBatch<TKey, TValue>>(token =>
            Trace(new BatchStream<TKey, TValue>(Begin(toEnd: false, cancellationToken, token), _decoder, _poison), b => b.StartSpan(_engine.Spans)));

    /// <summary>
    /// Ends an enumeration that waits, commits what is finished, gives up the partitions, leaves the group unless it is a static member, and closes the consumer's connections.
    /// Takes no longer than about <see cref="ConsumerOptions.CloseTimeout"/>.
    /// </summary>
    public ValueTask DisposeAsync()
    {
        lock (_closeGate)
        {
            Volatile.Write(ref _isDisposed, 1);
            return new ValueTask(_closing ??= CloseAsync());
        }
    }

    private async Task CloseAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        if (!_cluster.Closing.IsCancellationRequested)
        {
            await LeaveAsync().ConfigureAwait(false);
        }

        await _engine.DisposeAsync().ConfigureAwait(false);
    }

    private static void Check(TopicPartition partition, string name)
    {
        if (string.IsNullOrEmpty(partition.Topic) || partition.Partition < 0)
        {
            throw new ArgumentException($"'{partition}' is no partition: it needs a topic and a number from 0.", name);
        }
    }

    private Enumeration<ConsumeResult<TKey, TValue>> Loop(bool toEnd, CancellationToken cancellationToken) => new(token =>
        Trace(new RecordStream<TKey, TValue>(Begin(toEnd, cancellationToken, token), _decoder, _poison), r => _engine.Spans.StartProcess(r.TopicPartition, r.Offset, r.Headers, r.Key as string)));

    private static IAsyncEnumerator<T> Trace<T>(IAsyncEnumerator<T> loop, Func<T, Activity?> start) => ConsumeSpans.AreWanted ? new TracedLoop<T>(loop, start) : loop;

    private Reading Begin(bool toEnd, CancellationToken caller, CancellationToken enumerator)
    {
        ThrowIfDisposed();
        if (Interlocked.Exchange(ref _isReading, 1) != 0)
        {
            throw new InvalidOperationException("Another enumeration of this consumer is active. Leave it first, or make one consumer for each loop.");
        }

        return new Reading(_engine, _options, toEnd, () => Volatile.Write(ref _isReading, 0), caller, enumerator);
    }

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
}
