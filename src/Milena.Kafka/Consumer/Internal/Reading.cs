using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Consumer.Internal;

/// <summary>The life of one enumeration: it is the consumer's only one, ends with either of two tokens, and gives back what it holds.</summary>
internal sealed class Reading : IAsyncDisposable
{
    private readonly FetchEngine _engine;
    private readonly ConsumerOptions _options;
    private readonly bool _toEnd;
    private readonly CancellationTokenSource _ending;
    private readonly CancellationToken _caller;
    private readonly CancellationToken _enumerator;
    private readonly Action _ended;
    private RecordSource? _source;
    private bool _isDisposed;

    /// <summary>Begins an enumeration.</summary>
    /// <param name="engine">The consumer's engine.</param>
    /// <param name="options">The consumer's options.</param>
    /// <param name="toEnd">Whether it stops at the present end of all partitions.</param>
    /// <param name="ended">Called once, when it is over.</param>
    /// <param name="caller">The token of the method.</param>
    /// <param name="enumerator">The token of the enumeration.</param>
    public Reading(FetchEngine engine, ConsumerOptions options, bool toEnd, Action ended, CancellationToken caller, CancellationToken enumerator)
    {
        _engine = engine;
        _options = options;
        _toEnd = toEnd;
        _caller = caller;
        _enumerator = enumerator;
        _ended = ended;
        _ending = CancellationTokenSource.CreateLinkedTokenSource(caller, enumerator);
        Token = _ending.Token;
    }

    /// <summary>Set off when the caller wants the enumeration to end.</summary>
    public CancellationToken Token { get; }

    /// <summary>Starts what has to run, and finds out where the end is if it is to stop there.</summary>
    public async ValueTask<RecordSource> OpenAsync()
    {
        if (Token.IsCancellationRequested)
        {
            throw Canceled();
        }

        _engine.State.ResumeHalted();
        _engine.Start();
        _engine.Group?.Open();
        try
        {
            EndOffsets? ends = _toEnd ? await FindEndsAsync().ConfigureAwait(false) : null;
            return _source = new RecordSource(_engine, _options, ends);
        }
        catch (OperationCanceledException) when (Token.IsCancellationRequested)
        {
            throw Canceled();
        }
    }

    /// <summary>Closes the open batch and opens the next one.</summary>
    public ValueTask<bool> NextBatchAsync(RecordSource source)
    {
        ValueTask<bool> next = Token.IsCancellationRequested ? ValueTask.FromException<bool>(Canceled()) : source.NextBatchAsync(Token);
        if (_options.AutoCommit == AutoCommitMode.AtMostOnce && _engine.Committer is { } committer)
        {
            return CommitFirstAsync(source, next, committer);
        }

        return ConsumeSpans.AreWanted ? AwaitTracedAsync(source, next) : next.IsCompletedSuccessfully ? next : AwaitAsync(next);
    }

    /// <summary>At most once: what is handed out has been committed before.</summary>
    private async ValueTask<bool> CommitFirstAsync(RecordSource source, ValueTask<bool> next, Groups.OffsetCommitter committer)
    {
        while (await AwaitAsync(next).ConfigureAwait(false))
        {
            try
            {
                RecordBatch batch = source.Batch!.Batch;
                long offset = Math.Max(source.FirstOffset + 1, batch.NextOffset);
                await committer.CommitAsync([new PartitionOffset(source.Partition, offset, batch.LeaderEpoch)], Token).ConfigureAwait(false);
                return true;
            }
            catch (CommitRefusedException) when (source.IsStale)
            {
                // The partition has gone to another member meanwhile, and its records with it.
                next = source.NextBatchAsync(Token);
            }
            catch (OperationCanceledException) when (Token.IsCancellationRequested)
            {
                throw Canceled();
            }
        }

        return false;
    }

    public ValueTask DisposeAsync()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            _source?.Close();
            _ending.Dispose();
            _ended();
        }

        return default;
    }

    private async ValueTask<bool> AwaitTracedAsync(RecordSource source, ValueTask<bool> next)
    {
        DateTimeOffset asked = _engine.Spans.Now;
        bool hasBatch = await AwaitAsync(next).ConfigureAwait(false);
        if (hasBatch)
        {
            _engine.Spans.Received(source.Partition, source.Batch!, asked);
        }

        return hasBatch;
    }

    private async ValueTask<bool> AwaitAsync(ValueTask<bool> next)
    {
        try
        {
            return await next.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (Token.IsCancellationRequested)
        {
            throw Canceled();
        }
    }

    private async Task<EndOffsets> FindEndsAsync()
    {
        var ends = new Dictionary<TopicPartition, long>();
        foreach ((TopicPartition partition, var end) in await _engine.Offsets.FindAsync(_engine.State.Assignment, StartPosition.End, Token).ConfigureAwait(false))
        {
            ends[partition] = end.Value.Offset;
        }

        return new EndOffsets(ends);
    }

    // Callers compare the exception's token with their own.
    private OperationCanceledException Canceled() => new("The reading was cancelled.", _caller.IsCancellationRequested ? _caller : _enumerator);
}
