namespace Milena.Kafka.Cli.Commands;

/// <summary>Produces lines in transactions of so many, one after the other.</summary>
internal sealed class TransactionalLines : IAsyncDisposable
{
    private readonly Producer<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> _producer;
    private readonly long _commitEvery;
    private ProducerTransaction<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?>? _open;
    private long _count;

    /// <summary>Makes one.</summary>
    /// <param name="producer">A producer with a transactional id.</param>
    /// <param name="commitEvery">The records of a transaction.</param>
    public TransactionalLines(Producer<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> producer, long commitEvery)
    {
        _producer = producer;
        _commitEvery = commitEvery;
    }

    /// <summary>Adds a line to the open transaction, and commits it if it has enough.</summary>
    public async ValueTask AddAsync(ProducerRecord<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> record, CancellationToken cancellationToken)
    {
        _open ??= await _producer.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await _open.EnqueueAsync(record, cancellationToken).ConfigureAwait(false);
        if (++_count == _commitEvery)
        {
            await CommitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Commits what is open.</summary>
    public async ValueTask CommitAsync(CancellationToken cancellationToken)
    {
        if (_open is { } open)
        {
            await open.CommitAsync(cancellationToken).ConfigureAwait(false);
            _open = null;
            _count = 0;
        }
    }

    /// <summary>Aborts what is open.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_open is { } open)
        {
            await open.DisposeAsync().ConfigureAwait(false);
        }
    }
}
