using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Milena.Kafka.Diagnostics.Internal;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.ExactlyOnce.Internal;

/// <summary>Tells the log, the meter, the traces and the user what becomes of a loop's transactions. Used by the loop alone.</summary>
internal sealed class LoopObserver
{
    private readonly ExactlyOnceInstruments _instruments;
    private readonly TimeProvider _time;
    private readonly string _clientId;
    private readonly string _groupId;
    private readonly string _id;
    private readonly ILogger _log;
    private readonly Action<LoopTransaction> _tell;
    private Activity? _span;
    private long _started;

    /// <param name="client">The client's options.</param>
    /// <param name="options">The loop's.</param>
    /// <param name="log">The loop's log.</param>
    /// <param name="tell">Tells the user.</param>
    public LoopObserver(KafkaClientOptions client, ExactlyOnceOptions options, ILogger log, Action<LoopTransaction> tell)
    {
        _instruments = ExactlyOnceInstruments.Of(client.MeterFactory);
        _time = client.TimeProvider;
        _clientId = client.ClientId;
        _groupId = options.Input.GroupId!;
        _id = options.Output.TransactionalId!;
        _log = log;
        _tell = tell;
    }

    /// <summary>The span of the transaction; none if nobody wants it.</summary>
    public ActivityContext Context => _span?.Context ?? default;

    /// <summary>The first batch of a transaction is there.</summary>
    public void Started()
    {
        _started = _time.GetTimestamp();
        if (!KafkaActivities.HasListeners)
        {
            return;
        }

        TagList tags = Identity();
        tags.Add(Tags.TransactionalId, _id);
        Activity? before = Activity.Current;
        _span = KafkaActivities.Source.StartActivity(ActivityKind.Internal, tags: tags, startTime: _time.GetUtcNow(), name: $"transaction {_groupId}");
        Activity.Current = before;
    }

    /// <summary>The coordinator did not confirm a commit.</summary>
    public void Unresolved(KafkaException failure)
    {
        Log.Unresolved(_log, _id, failure.Message);
        _instruments.Unresolved.Add(1, Identity());
    }

    /// <summary>A commit has ended in one way or the other.</summary>
    public void Committed(long started, Exception? failure)
    {
        if (_instruments.CommitDuration.Enabled)
        {
            TagList tags = Identity();
            if (failure is not null)
            {
                tags.Add(Tags.Error, ErrorTypes.Of(ErrorCode.None, failure));
            }

            _instruments.CommitDuration.Record(_time.GetElapsedTime(started).TotalSeconds, tags);
        }
    }

    /// <summary>A transaction has ended.</summary>
    public void Ended(TransactionOutcome outcome, IReadOnlyList<TransactionInput> inputs, AbortCause? cause, Exception? failure)
    {
        TimeSpan duration = _time.GetElapsedTime(_started);
        int records = inputs.Sum(i => i.Records);
        TagList tags = Identity();
        switch (outcome)
        {
            case TransactionOutcome.Committed:
                Log.Committed(_log, _id, records);
                _instruments.Commits.Add(1, tags);
                break;
            case TransactionOutcome.Aborted:
                AbortCause why = cause ?? AbortCause.Output;
                Log.Aborted(_log, _id, records, why, failure?.Message ?? "");
                tags.Add(Tags.AbortCause, Lower(why.ToString()));
                _instruments.Aborts.Add(1, tags);
                break;
            default:
                Log.LeftUnknown(_log, _id);
                break;
        }

        TagList timed = Identity();
        timed.Add(Tags.TransactionOutcome, Lower(outcome.ToString()));
        _instruments.TransactionDuration.Record(duration.TotalSeconds, timed);
        EndSpan(outcome, records, failure);
        try
        {
            _tell(new LoopTransaction(outcome, inputs, duration, outcome == TransactionOutcome.Aborted ? cause ?? AbortCause.Output : null, failure));
        }
        catch (Exception fault)
        {
            // Handlers are the user's code and may throw anything; transactions must not stop for it.
            Log.ObserverThrew(_log, _id, fault);
        }
    }

    private void EndSpan(TransactionOutcome outcome, int records, Exception? failure)
    {
        if (_span is null)
        {
            return;
        }

        _span.SetTag(Tags.BatchCount, records);
        _span.SetTag(Tags.TransactionOutcome, Lower(outcome.ToString()));
        if (outcome != TransactionOutcome.Committed)
        {
            _span.SetTag(Tags.Error, ErrorTypes.Of(ErrorCode.None, failure));
            _span.SetStatus(ActivityStatusCode.Error, failure?.Message);
        }

        Activity? before = Activity.Current;
        _span.Stop();
        Activity.Current = before;
        _span = null;
    }

    private TagList Identity() => new() { { Tags.System, Tags.Kafka }, { Tags.ClientId, _clientId }, { Tags.Group, _groupId } };

    private static string Lower(string name) => name.ToLowerInvariant();
}
