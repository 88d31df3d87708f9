using Milena.Kafka.Common;
using Milena.Kafka.Consumer.Internal;
using Milena.Kafka.Consumer.Internal.Processing;
using Log = Milena.Kafka.Consumer.Internal.Log;

namespace Milena.Kafka;

/// <content>Processing by handlers, and how it stands.</content>
public sealed partial class Consumer<TKey, TValue>
{
    /// <summary>Processes records by a handler, several at a time, until a token is set off. Takes the place of an enumeration.</summary>
    /// <param name="handler">
    /// Processes a record. Its token is set off when the record is not this consumer's any more: its partition was lost, <see cref="ConsumerOptions.MaxPollInterval"/> is over, or
    /// <see cref="RunOptions.StopTimeout"/>, or the consumer closes. While it runs, its span is the current activity.
    /// </param>
    /// <param name="options">The options, which are copied; null for the defaults.</param>
    /// <param name="cancellationToken">Stops: no handler is started any more, those that run may end, what is finished is committed, and the task ends well.</param>
    /// <remarks>
    /// <para>Order is kept as <see cref="RunOptions.Ordering"/> says. With <see cref="AutoCommitMode.AtLeastOnce"/> a partition is committed up to the first record that is not finished, so that nothing
    /// is lost whatever finishes first; what was finished behind it comes again after a crash. Committing by call from a handler would break that.</para>
    /// <para>When a partition is revoked, its handlers that run may end within <see cref="ConsumerOptions.RebalanceTimeout"/>; what waits for its turn is left to the next owner.</para>
    /// <para>A handler that throws <see cref="OperationCanceledException"/> once <paramref name="cancellationToken"/> is set off has not failed; nor has one whose own token is set off, whatever it throws. Their
    /// records come again. A <see cref="Seek"/> makes void what is in work of the partition: handlers that run may end, the others do not begin.</para>
    /// <para>A record that a <see cref="FailurePolicy.RetryTopic"/> has sent on is left alone until it is due.</para>
    /// </remarks>
    /// <exception cref="ArgumentException">The options contradict themselves; the message names all faults.</exception>
    /// <exception cref="InvalidOperationException">An enumeration of this consumer is active.</exception>
    /// <exception cref="ProcessingException">A handler failed, and the policy is to stop.</exception>
    /// <exception cref="DeadLetterException">A record could not be sent on.</exception>
    /// <exception cref="KafkaException">Reading failed, as in <see cref="ConsumeAsync"/>.</exception>
    /// <exception cref="ObjectDisposedException">The consumer was closed. The tokens of handlers that run are set off then; they are not waited for longer than a second.</exception>
    public async Task RunAsync(Func<ConsumeResult<TKey, TValue>, CancellationToken, ValueTask> handler, RunOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(handler);
        RunOptions own = options?.Clone() ?? new RunOptions();
        own.Validate();
        var context = new ProcessingContext(_engine, own, _options.GroupId, _forward, _engine.Metrics, _engine.Spans, _engine.Logger);
        var processor = new RecordProcessor<TKey, TValue>(context, handler);
        var stream = new RecordStream<TKey, TValue>(Begin(toEnd: false, cancellationToken, processor.Failed), _decoder, _poison);
        try
        {
            await processor.RunAsync(stream, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await CommitProcessedAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Tells how each partition stands and what it waits for. Costs no request.</summary>
    public ConsumerStatus GetStatus()
    {
        ThrowIfDisposedForGood();
        return new ConsumerStatus(_engine.State.Status(_engine.Now, _engine.Time.GetUtcNow()), _engine.State.Reader.IsWaiting, _group?.State);
    }

    private async Task CommitProcessedAsync()
    {
        if (_committer is null || _options.AutoCommit != AutoCommitMode.AtLeastOnce || _engine.IsDisposed)
        {
            return;
        }

        try
        {
            await _committer.CommitFinishedAsync(null, _cluster.Options.ApiTimeout, CancellationToken.None).ConfigureAwait(false);
        }
        catch (KafkaException failure)
        {
            Log.CommitFailed(_engine.Logger, _options.GroupId!, failure.Message);
        }
    }
}
