namespace Milena.Kafka;

/// <summary>Where the handler of an <see cref="ExactlyOnceLoop{TKey, TValue, TOutKey, TOutValue}"/> puts its records: they count together with the offsets of the batch, or not at all.</summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
/// <remarks>Safe for use by many threads until the handler has returned. Once a record of it has failed, the transaction is aborted whatever the handler does, and the batch comes again.</remarks>
public sealed class TransactionOutput<TKey, TValue>
{
    private readonly ProducerTransaction<TKey, TValue> _transaction;
    private volatile bool _isClosed;

    internal TransactionOutput(ProducerTransaction<TKey, TValue> transaction) => _transaction = transaction;

    /// <summary>Accepts a record and does not wait for its delivery: the commit does. The fastest way.</summary>
    /// <param name="topic">The topic's name.</param>
    /// <param name="key">The key; null is stored as null.</param>
    /// <param name="value">The value; null is a tombstone.</param>
    /// <param name="cancellationToken">Ends the waiting for metadata or room; the transaction is aborted then.</param>
    /// <returns>Ends when the record is in the buffer.</returns>
    /// <exception cref="TransactionStateException">The handler has returned.</exception>
    /// <exception cref="TransactionException">Something in the transaction failed before.</exception>
    /// <exception cref="ProducerFencedException">Another loop has the same transactional id.</exception>
    /// <remarks>What else can be thrown is as in <see cref="ProducerTransaction{TKey, TValue}.EnqueueAsync(string, TKey, TValue, CancellationToken)"/>.</remarks>
    public ValueTask EnqueueAsync(string topic, TKey key, TValue value, CancellationToken cancellationToken = default) =>
        EnqueueAsync(new ProducerRecord<TKey, TValue>(topic, key, value), cancellationToken);

    /// <summary>Accepts a record with partition, headers or time, and does not wait for its delivery: the commit does.</summary>
    /// <param name="record">The record.</param>
    /// <param name="cancellationToken">Ends the waiting for metadata or room; the transaction is aborted then.</param>
    /// <inheritdoc cref="EnqueueAsync(string, TKey, TValue, CancellationToken)"/>
    public ValueTask EnqueueAsync(in ProducerRecord<TKey, TValue> record, CancellationToken cancellationToken = default)
    {
        ThrowIfClosed("EnqueueAsync");
        return _transaction.EnqueueAsync(in record, cancellationToken);
    }

    /// <summary>Sends a record and waits until it is stored.</summary>
    /// <param name="topic">The topic's name.</param>
    /// <param name="key">The key; null is stored as null.</param>
    /// <param name="value">The value; null is a tombstone.</param>
    /// <param name="cancellationToken">Before the record is accepted: nothing is sent, and the transaction is aborted. After that only the waiting ends.</param>
    /// <returns>Where it is stored.</returns>
    /// <exception cref="TransactionStateException">The handler has returned.</exception>
    /// <exception cref="TransactionException">Something in the transaction failed before.</exception>
    /// <exception cref="ProducerFencedException">Another loop has the same transactional id.</exception>
    /// <exception cref="DeliveryException">The record was not stored, or it is not known whether it was.</exception>
    public ValueTask<DeliveryResult> ProduceAsync(string topic, TKey key, TValue value, CancellationToken cancellationToken = default) =>
        ProduceAsync(new ProducerRecord<TKey, TValue>(topic, key, value), cancellationToken);

    /// <summary>Sends a record with partition, headers or time, and waits until it is stored.</summary>
    /// <param name="record">The record.</param>
    /// <param name="cancellationToken">Before the record is accepted: nothing is sent, and the transaction is aborted. After that only the waiting ends.</param>
    /// <inheritdoc cref="ProduceAsync(string, TKey, TValue, CancellationToken)"/>
    public ValueTask<DeliveryResult> ProduceAsync(in ProducerRecord<TKey, TValue> record, CancellationToken cancellationToken = default)
    {
        ThrowIfClosed("ProduceAsync");
        return _transaction.ProduceAsync(in record, cancellationToken);
    }

    /// <summary>The handler has returned.</summary>
    internal void Close() => _isClosed = true;

    private void ThrowIfClosed(string call)
    {
        if (_isClosed)
        {
            throw new TransactionStateException($"{call}: the handler has returned, and its batch with it. Await in the handler all that it produces.");
        }
    }
}
