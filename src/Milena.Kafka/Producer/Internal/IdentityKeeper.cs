namespace Milena.Kafka.Producer.Internal;

/// <summary>The identity of an idempotent producer: gets it from a broker when it is first wanted, and counts its epoch up when a partition needs that. Any thread.</summary>
internal sealed class IdentityKeeper : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly ProducerContext _context;
    private ProducerIdentity _current = ProducerIdentity.None;
    private Task _asking = Task.CompletedTask;

    public IdentityKeeper(ProducerContext context) => _context = context;

    /// <summary>Called when the identity has come, so that senders go on.</summary>
    public Action Arrived { get; set; } = static () => { };

    /// <summary>Called when brokers will never give an identity.</summary>
    public Action<KafkaException> Refused { get; set; } = static _ => { };

    /// <summary>Why the last attempt to get an identity failed; null once one has succeeded.</summary>
    public Exception? LastFailure { get; private set; }

    /// <summary>The identity for what is sent from now on. If there is none, that, and one is being asked for.</summary>
    public ProducerIdentity Current
    {
        get
        {
            lock (_gate)
            {
                if (!IsGiven && _current.IsNone && _asking.IsCompleted && !_closing.IsCancellationRequested)
                {
                    _asking = AskAsync();
                }

                return _current;
            }
        }
    }

    /// <summary>Whether the identity comes from the coordinator of transactions, which alone makes newer ones.</summary>
    private bool IsGiven => _context.Options.TransactionalId is not null;

    /// <summary>Takes the identity that the coordinator of transactions has given.</summary>
    /// <returns>Whether it is another than before.</returns>
    public bool Give(ProducerIdentity identity)
    {
        lock (_gate)
        {
            if (identity == _current)
            {
                return false;
            }

            _current = identity;
        }

        Log.IdentityGiven(_context.Logger, identity.Id, identity.Epoch);
        Arrived();
        return true;
    }

    /// <summary>If the sequence of a partition is broken, sees to it that all partitions go on under a newer identity than it had.</summary>
    public void Repair(PartitionQueue queue)
    {
        if (IsGiven)
        {
            // A broken row costs the transaction, and a newer identity comes before the next.
            return;
        }

        ProducerIdentity broken;
        using (queue.Gate.Enter())
        {
            if (queue.Sequences is not { IsBroken: true } sequences)
            {
                return;
            }

            broken = sequences.Identity;
        }

        lock (_gate)
        {
            if (_current != broken)
            {
                return;
            }

            _current = broken.Next();
        }

        Log.EpochBumped(_context.Logger, queue.Partition, broken.Id, broken.Epoch);
        _context.Metrics.EpochBumped();

        // Other senders look again: their partitions begin anew too.
        Arrived();
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        Task asking;
        lock (_gate)
        {
            asking = _asking;
        }

        await asking.ConfigureAwait(false);
    }

    private async Task AskAsync()
    {
        await Task.Yield();
        for (int attempt = 1; !_closing.IsCancellationRequested; attempt++)
        {
            try
            {
                ProducerIdentity given = await _context.Cluster.Driver.RunAsync(new InitProducerIdOperation(), true, _closing.Token).ConfigureAwait(false);
                LastFailure = null;
                Log.IdentityGiven(_context.Logger, given.Id, given.Epoch);
                lock (_gate)
                {
                    _current = given;
                }

                Arrived();
                return;
            }
            catch (OperationCanceledException) when (_closing.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                LastFailure = failure;
                if (failure is not KafkaException { IsRetriable: true })
                {
                    Refused(new KafkaException($"The producer got no producer id, without which Idempotence = true is not possible: {failure.Message}", failure));
                    return;
                }

                Log.IdentityRefused(_context.Logger, failure.Message);
            }

            await PauseAsync(attempt).ConfigureAwait(false);
        }
    }

    private async Task PauseAsync(int attempt)
    {
        try
        {
            await Task.Delay(_context.Backoff.Pause(attempt), _context.Time, _closing.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The producer closes; the loop sees it.
        }
    }
}
