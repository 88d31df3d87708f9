using System.Buffers;
using Microsoft.Extensions.Logging;
using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Producer.Internal.Transactions;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Producer.Internal;

/// <summary>A producer of serialized records: accepts, flushes, closes.</summary>
internal sealed class ProducerCore : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private static readonly TimeSpan LastWrite = TimeSpan.FromSeconds(1);

    private readonly ProducerContext _context;
    private readonly BatchEnd _end;
    private readonly BrokerPool _pool;
    private readonly BrokerSenders _senders;
    private readonly RecordAccumulator _accumulator;
    private readonly CancellationTokenSource _closing = new();
    private readonly CancellationTokenSource _aborting = new();
    private Task? _closed;
    private int _isClosing;

    /// <summary>Makes one; opens no connection yet.</summary>
    /// <param name="options">Validated options of its own.</param>
    /// <param name="cluster">The client's cluster.</param>
    /// <param name="pool">Where batches get their buffers.</param>
    /// <param name="reportFailure">Tells the user of records that nobody awaits.</param>
    public ProducerCore(ProducerOptions options, KafkaCluster cluster, ArrayPool<byte> pool, Action<DeliveryException, int> reportFailure)
    {
        _context = new ProducerContext(options, cluster, pool);
        _pool = cluster.CreatePool();
        _end = new BatchEnd(_context, reportFailure);
        _senders = new BrokerSenders(_context, _end, _pool, OnLoopEnded);
        _accumulator = new RecordAccumulator(_context, _senders);
        if (_context.Transactions is { } transactions)
        {
            transactions.Attach(new TransactionHost(
                _accumulator.PassGates,
                why => Drop(_accumulator.RemoveWaiting(), why, null),
                () => DrainAsync(Timeout.InfiniteTimeSpan, CancellationToken.None),
                end => FailAll(end, end)));
        }

        if (_context.Identity is { } identity)
        {
            identity.Arrived = _senders.WakeAll;
            identity.Refused = refusal => FailAll(refusal, refusal);
        }
    }

    public RecordClock RecordClock => _context.RecordClock;

    /// <summary>The transactions; null without a transactional id.</summary>
    public TransactionSession? Transactions => _context.Transactions;

    public ILogger Logger => _context.Logger;

    public string ClientId => _context.Cluster.Options.ClientId;

    /// <summary>Accepts a record if nothing has to be waited for.</summary>
    public bool TryAccept(in PendingRecord record, out AcceptedRecord accepted)
    {
        ThrowIfClosing();
        _context.Transactions?.ThrowIfClosed(record.Scope, "Producing a record");
        return _accumulator.TryAccept(in record, out accepted);
    }

    /// <summary>Accepts a record after metadata is known and room is there.</summary>
    public async ValueTask<AcceptedRecord> AcceptAsync(ParkedRecord record, CancellationToken cancellationToken)
    {
        using CancellationTokenSource? either = cancellationToken.CanBeCanceled ? CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closing.Token) : null;
        try
        {
            return await _accumulator.AcceptAsync(record, either?.Token ?? _closing.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested && _closing.IsCancellationRequested)
        {
            throw new ObjectDisposedException("Producer");
        }
        catch (OperationCanceledException end) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException("The record was not queued.", end, cancellationToken);
        }
    }

    /// <summary>Sends what is there without lingering and waits until all records accepted before have ended.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        ThrowIfClosing();
        await DrainAsync(Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Drops what is not on its way.</summary>
    /// <returns>How many records.</returns>
    public int Purge()
    {
        ThrowIfClosing();
        Leftovers purged = Drop(_accumulator.RemoveWaiting(), "The producer was purged.", null);
        if (purged.Batches > 0)
        {
            Log.Purged(_context.Logger, purged.Records, purged.Batches, purged.NotStored, purged.Unknown);
            _senders.WakeAll();
        }

        return purged.Records;
    }

    public ValueTask DisposeAsync() => CloseAsync(CancellationToken.None);

    /// <summary>Closes; delivers what is there until the token or CloseTimeout ends that.</summary>
    public async ValueTask CloseAsync(CancellationToken cancellationToken)
    {
        Task closed;
        lock (_gate)
        {
            Volatile.Write(ref _isClosing, 1);
            _closed ??= CloseAsync();
            closed = _closed;
        }

        // Whoever loses patience ends the waiting of all who close.
        using (cancellationToken.UnsafeRegister(static s => ((CancellationTokenSource)s!).Cancel(), _aborting))
        {
            await closed.ConfigureAwait(false);
        }
    }

    private async Task CloseAsync()
    {
        await Task.Yield();
        if (_context.Transactions is { } open)
        {
            await open.CloseAsync(_aborting.Token).ConfigureAwait(false);
        }

        await _closing.CancelAsync().ConfigureAwait(false);
        try
        {
            await DrainAsync(_context.Options.CloseTimeout, _aborting.Token).ConfigureAwait(false);
        }
        catch (Exception end) when (end is TimeoutException or OperationCanceledException)
        {
            // What is left fails below.
        }

        await _senders.DisposeAsync().ConfigureAwait(false);
        if (_context.Identity is { } identity)
        {
            await identity.DisposeAsync().ConfigureAwait(false);
        }

        DropLeftovers();
        if (_context.Transactions is { } transactions)
        {
            await transactions.DisposeAsync().ConfigureAwait(false);
        }

        await _pool.DisposeAsync().ConfigureAwait(false);
        try
        {
            await _senders.BuffersReturnedAsync().WaitAsync(LastWrite, _context.Time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // A transport that holds a write after it was closed keeps the buffer: it never goes back to the pool.
        }

        _context.Metrics.Dispose();
        Log.Closed(_context.Logger);
    }

    private async Task DrainAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        _context.BeginFlush();
        try
        {
            _senders.WakeAll();
            await _context.Tracker.WhenEnded().WaitAsync(timeout, _context.Time, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _context.EndFlush();
        }
    }

    private void OnLoopEnded(int broker, Exception exception)
    {
        var refusal = new KafkaException($"The producer ended by an error of its own in the loop for broker {broker}: {exception.Message} Make a new producer, and report this.", exception);
        FailAll(refusal, exception);
    }

    private void FailAll(KafkaException refusal, Exception? cause)
    {
        Leftovers left = Drop(_accumulator.Close(refusal), refusal.Message, cause);
        Log.Failed(_context.Logger, left.Records, left.Batches, refusal.Message);
    }

    private void DropLeftovers()
    {
        bool isAborted = _aborting.IsCancellationRequested;
        string why = isAborted ? "The producer was aborted." : $"The producer was disposed, and CloseTimeout ({_context.Options.CloseTimeout.TotalSeconds:0.###} s) has passed.";
        Leftovers left = Drop(_accumulator.Close(new ObjectDisposedException("Producer")), why, null);
        if (left.Batches > 0 && isAborted)
        {
            Log.Aborted(_context.Logger, left.Records, left.Batches, left.NotStored, left.Unknown);
        }
        else if (left.Batches > 0)
        {
            Log.ClosedWithLeftovers(_context.Logger, left.Records, left.Batches, left.NotStored, left.Unknown);
        }
    }

    private Leftovers Drop(List<ProducerBatch> batches, string message, Exception? cause)
    {
        int dropped = 0;
        int notStored = 0;
        int unknown = 0;
        foreach (ProducerBatch batch in batches)
        {
            if (batch.IsEnded)
            {
                continue;
            }

            dropped++;
            notStored += batch.MayBeStored ? 0 : batch.Count;
            unknown += batch.MayBeStored ? batch.Count : 0;
            _end.Drop(batch, batch.Delivery.Partition, batch.LastError, message, cause ?? batch.LastException);
        }

        return new Leftovers(dropped, notStored, unknown);
    }

    public void ThrowIfClosing()
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isClosing) != 0, typeof(Producer<,>));
        ObjectDisposedException.ThrowIf(_context.Cluster.Closing.IsCancellationRequested, typeof(KafkaClient));
    }
}
