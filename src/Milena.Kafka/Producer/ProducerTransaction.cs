using Milena.Kafka.Producer.Internal;
using Milena.Kafka.Producer.Internal.Transactions;

namespace Milena.Kafka;

/// <summary>One transaction of a producer: its records and offsets count all together, or not at all. Made by <see cref="Producer{TKey, TValue}.BeginTransactionAsync"/>; disposing it aborts what was not committed.</summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
/// <remarks>
/// Safe for use by many threads until its end. Once a record or offset of it has failed, it takes nothing more and cannot be committed: abort it and do its work again in another one.
/// <code>
/// await using ProducerTransaction&lt;string, Order&gt; transaction = await producer.BeginTransactionAsync(cancellationToken);
/// await transaction.EnqueueAsync("billed", order.Id, order, cancellationToken);
/// transaction.AddOffsets(group, record);
/// await transaction.CommitAsync(cancellationToken);
/// </code>
/// </remarks>
public sealed class ProducerTransaction<TKey, TValue> : IAsyncDisposable
{
    private readonly TransactionSession _session;
    private readonly RecordIntake<TKey, TValue> _intake;
    private readonly TransactionScope _scope;

    internal ProducerTransaction(TransactionSession session, RecordIntake<TKey, TValue> intake, TransactionScope scope)
    {
        _session = session;
        _intake = intake;
        _scope = scope;
    }

    /// <summary>How it ended; null before its end. Known as soon as it is certain, whether anybody waits for it or not.</summary>
    public TransactionOutcome? Outcome => _scope.Outcome;

    /// <summary>Sends a record and waits until it is stored. It counts once the transaction is committed.</summary>
    /// <param name="topic">The topic's name.</param>
    /// <param name="key">The key; null is stored as null.</param>
    /// <param name="value">The value; null is a tombstone.</param>
    /// <param name="cancellationToken">Before the record is accepted: nothing is sent, and the transaction can only be aborted. After that only the waiting ends.</param>
    /// <returns>Where it is stored.</returns>
    /// <exception cref="TransactionStateException">The transaction is over.</exception>
    /// <exception cref="TransactionException">Something in the transaction failed before.</exception>
    /// <exception cref="ProducerFencedException">Another producer has taken over.</exception>
    /// <exception cref="DeliveryException">The record was not stored, or it is not known whether it was; the transaction can only be aborted.</exception>
    /// <remarks>What else can be thrown is as in <see cref="Producer{TKey, TValue}.ProduceAsync(string, TKey, TValue, CancellationToken)"/>; the transaction can only be aborted after it.</remarks>
    public ValueTask<DeliveryResult> ProduceAsync(string topic, TKey key, TValue value, CancellationToken cancellationToken = default) =>
        ProduceAsync(new ProducerRecord<TKey, TValue>(topic, key, value), cancellationToken);

    /// <summary>Sends a record with partition, headers or time, and waits until it is stored. It counts once the transaction is committed.</summary>
    /// <param name="record">The record.</param>
    /// <param name="cancellationToken">Before the record is accepted: nothing is sent, and the transaction can only be aborted. After that only the waiting ends.</param>
    /// <returns>Where it is stored.</returns>
    /// <inheritdoc cref="ProduceAsync(string, TKey, TValue, CancellationToken)"/>
    public ValueTask<DeliveryResult> ProduceAsync(in ProducerRecord<TKey, TValue> record, CancellationToken cancellationToken = default)
    {
        _session.ThrowIfClosed(_scope.Number, "ProduceAsync");
        ValueTask<AcceptedRecord> accepting = _intake.AcceptAsync(in record, isAwaited: true, cancellationToken);
        return accepting.IsCompletedSuccessfully
            ? CancellableDelivery.WaitAsync(accepting.Result, cancellationToken)
            : AcceptAndDeliverAsync(accepting, cancellationToken);
    }

    /// <summary>Accepts a record and does not wait for its delivery: the commit does, and is refused if it failed.</summary>
    /// <param name="topic">The topic's name.</param>
    /// <param name="key">The key; null is stored as null.</param>
    /// <param name="value">The value; null is a tombstone.</param>
    /// <param name="cancellationToken">Ends the waiting for metadata or room; the record is not sent then, and the transaction can only be aborted.</param>
    /// <returns>Ends when the record is in the buffer. A commit waits for it as well.</returns>
    /// <exception cref="TransactionStateException">The transaction is over.</exception>
    /// <exception cref="TransactionException">Something in the transaction failed before.</exception>
    /// <exception cref="ProducerFencedException">Another producer has taken over.</exception>
    /// <remarks>What else can be thrown is as in <see cref="Producer{TKey, TValue}.EnqueueAsync(string, TKey, TValue, CancellationToken)"/>; the transaction can only be aborted after it.</remarks>
    public ValueTask EnqueueAsync(string topic, TKey key, TValue value, CancellationToken cancellationToken = default) =>
        EnqueueAsync(new ProducerRecord<TKey, TValue>(topic, key, value), cancellationToken);

    /// <summary>Accepts a record with partition, headers or time, and does not wait for its delivery: the commit does, and is refused if it failed.</summary>
    /// <param name="record">The record.</param>
    /// <param name="cancellationToken">Ends the waiting for metadata or room; the record is not sent then, and the transaction can only be aborted.</param>
    /// <returns>Ends when the record is in the buffer. A commit waits for it as well.</returns>
    /// <inheritdoc cref="EnqueueAsync(string, TKey, TValue, CancellationToken)"/>
    public ValueTask EnqueueAsync(in ProducerRecord<TKey, TValue> record, CancellationToken cancellationToken = default)
    {
        _session.ThrowIfClosed(_scope.Number, "EnqueueAsync");
        ValueTask<AcceptedRecord> accepting = _intake.AcceptAsync(in record, isAwaited: false, cancellationToken);
        return accepting.IsCompletedSuccessfully ? default : new ValueTask(WatchAsync(accepting).AsTask());
    }

    /// <summary>Accepts a record whose key and value are bytes that are there already.</summary>
    internal ValueTask EnqueueBytesAsync(in ProducerRecord<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> record, CancellationToken cancellationToken)
    {
        _session.ThrowIfClosed(_scope.Number, "EnqueueAsync");
        ValueTask<AcceptedRecord> accepting = _intake.ForBytes().AcceptAsync(in record, isAwaited: false, cancellationToken);
        return accepting.IsCompletedSuccessfully ? default : new ValueTask(WatchAsync(accepting).AsTask());
    }

    /// <summary>Sends records and waits until the delivery of all has ended, well or not. If one failed, the transaction can only be aborted.</summary>
    /// <param name="records">The records, taken one after the other.</param>
    /// <param name="cancellationToken">Ends the call; the transaction can only be aborted then.</param>
    /// <returns>What became of each record, in the order of <paramref name="records"/>.</returns>
    /// <exception cref="TransactionStateException">The transaction is over.</exception>
    /// <exception cref="TransactionException">Something in the transaction failed before.</exception>
    /// <exception cref="ProducerFencedException">Another producer has taken over.</exception>
    /// <exception cref="OperationCanceledException">The token was set off.</exception>
    public async Task<ProduceManyResult> ProduceManyAsync(IEnumerable<ProducerRecord<TKey, TValue>> records, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(records);
        _session.ThrowIfClosed(_scope.Number, "ProduceManyAsync");
        _scope.Calls.Enter();
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            var group = new RecordGroup<TKey, TValue>(_intake, records.TryGetNonEnumeratedCount(out int count) ? count : 0, cancellationToken);
            foreach (ProducerRecord<TKey, TValue> record in records)
            {
                await group.AddAsync(in record).ConfigureAwait(false);
            }

            var result = new ProduceManyResult(await group.WaitAsync().ConfigureAwait(false));
            if (!result.AllStored)
            {
                _session.NoteRefused(_scope, result.First(o => !o.IsStored).Failure!);
            }

            return result;
        }
        catch (Exception refusal)
        {
            _session.NoteRefused(_scope, refusal);
            throw;
        }
        finally
        {
            _scope.Calls.Leave();
        }
    }

    /// <summary>Makes positions of a group part of the transaction: the group goes on from there if it is committed, and from where it was if not.</summary>
    /// <param name="group">As whom they are committed; ask the consumer that read the records.</param>
    /// <param name="offsets">The positions. For a partition that was added before, the later one counts.</param>
    /// <remarks>They are sent with the commit. The group's own committing must be switched off.</remarks>
    /// <exception cref="ArgumentNullException">There is no group, or no offsets.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An offset is negative.</exception>
    /// <exception cref="TransactionStateException">The transaction is over.</exception>
    /// <exception cref="TransactionException">Something in the transaction failed before.</exception>
    /// <exception cref="ProducerFencedException">Another producer has taken over.</exception>
    public void AddOffsets(ConsumerGroupMetadata group, IEnumerable<PartitionOffset> offsets)
    {
        ArgumentNullException.ThrowIfNull(group);
        ArgumentNullException.ThrowIfNull(offsets);
        _session.AddOffsets(_scope, group, offsets);
    }

    /// <summary>Makes one position of a group part of the transaction.</summary>
    /// <param name="group">As whom it is committed; ask the consumer that read the record.</param>
    /// <param name="offset">The position. For a partition that was added before, the later one counts.</param>
    /// <inheritdoc cref="AddOffsets(ConsumerGroupMetadata, IEnumerable{PartitionOffset})"/>
    public void AddOffsets(ConsumerGroupMetadata group, PartitionOffset offset)
    {
        ArgumentNullException.ThrowIfNull(offset);
        AddOffsets(group, [offset]);
    }

    /// <summary>Waits until all records are stored, sends the offsets, and commits. Returns only if the transaction is committed; otherwise it throws.</summary>
    /// <param name="cancellationToken">Ends the waiting only: the commit goes on, and <see cref="Outcome"/> or another call tells how it ended.</param>
    /// <exception cref="TransactionException">
    /// <see cref="TransactionOutcome.Aborted"/>: a record or offset failed, or the coordinator refused; nothing of it counts, and it is to be aborted (disposing does).
    /// <see cref="TransactionOutcome.Unknown"/>: the coordinator was asked to commit and could not be reached within <see cref="KafkaClientOptions.ApiTimeout"/> to say whether it did.
    /// </exception>
    /// <exception cref="ProducerFencedException">Another producer has taken over; the transaction is aborted.</exception>
    /// <exception cref="TransactionStateException">The transaction is aborted or about to be.</exception>
    /// <exception cref="OperationCanceledException">The token was set off.</exception>
    public async Task CommitAsync(CancellationToken cancellationToken = default) => await WaitAsync(_session.CommitAsync(_scope), cancellationToken).ConfigureAwait(false);

    /// <summary>Aborts: none of the records and offsets will ever count. Records that have not set out are dropped.</summary>
    /// <param name="cancellationToken">Ends the waiting only: the abort goes on.</param>
    /// <remarks>If the coordinator cannot be reached it aborts the transaction by <see cref="ProducerOptions.TransactionTimeout"/>; that is no failure here. A second call does nothing.</remarks>
    /// <exception cref="TransactionStateException">The transaction is committed or about to be, or its outcome is unknown.</exception>
    /// <exception cref="ProducerFencedException">Another producer has taken over; the transaction is aborted by that.</exception>
    /// <exception cref="OperationCanceledException">The token was set off.</exception>
    public async Task AbortAsync(CancellationToken cancellationToken = default) => await WaitAsync(_session.AbortAsync(_scope), cancellationToken).ConfigureAwait(false);

    /// <summary>Aborts the transaction if it was not committed. A commit that is under way is waited for. Throws nothing.</summary>
    public ValueTask DisposeAsync() => _scope.Outcome is null ? new ValueTask(_session.LeaveAsync(_scope)) : default;

    private static async Task WaitAsync(Task ending, CancellationToken cancellationToken)
    {
        try
        {
            await ending.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException end) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException("The end of the transaction goes on; only the waiting for it has ended.", end, cancellationToken);
        }
    }

    private async ValueTask<DeliveryResult> AcceptAndDeliverAsync(ValueTask<AcceptedRecord> accepting, CancellationToken cancellationToken)
    {
        AcceptedRecord accepted = await WatchAsync(accepting).ConfigureAwait(false);
        return await CancellableDelivery.WaitAsync(in accepted, cancellationToken).ConfigureAwait(false);
    }

    private ValueTask<AcceptedRecord> WatchAsync(ValueTask<AcceptedRecord> accepting) => _scope.Calls.WatchAsync(accepting, refusal => _session.NoteRefused(_scope, refusal));
}
