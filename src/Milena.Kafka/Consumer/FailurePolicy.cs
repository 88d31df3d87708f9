using Milena.Kafka.Consumer.Internal.Processing;

namespace Milena.Kafka;

/// <summary>What <see cref="Consumer{TKey, TValue}.RunAsync"/> does with a record whose handler throws. Policies nest: first some retries, then a retry topic, then the dead-letter topic.</summary>
/// <example><code>OnFailure = FailurePolicy.Retry(3, TimeSpan.FromMilliseconds(100), then:
///     FailurePolicy.RetryTopic("orders.retry", attempts: 5, delay: TimeSpan.FromMinutes(1), then: FailurePolicy.DeadLetter("orders.dead")))</code></example>
/// <remarks>A record that is sent on counts as finished when it is stored there. If it cannot be stored, the processing stops with a <see cref="DeadLetterException"/> and meets the record again.</remarks>
public sealed class FailurePolicy
{
    private readonly FailureAction _action;
    private readonly int _attempts;
    private readonly TimeSpan _pause;
    private readonly TimeSpan _longest;
    private readonly string? _topic;
    private readonly FailurePolicy? _then;

    private FailurePolicy(FailureAction action, string? topic = null, int attempts = 0, TimeSpan pause = default, TimeSpan longest = default, FailurePolicy? then = null)
    {
        _action = action;
        _topic = topic;
        _attempts = attempts;
        _pause = pause;
        _longest = longest;
        _then = then;
    }

    /// <summary>The processing stops with a <see cref="ProcessingException"/>. The record is not committed.</summary>
    public static FailurePolicy Stop { get; } = new(FailureAction.Stop);

    /// <summary>The record counts as finished, with a warning in the log.</summary>
    public static FailurePolicy Skip { get; } = new(FailureAction.Skip);

    /// <summary>Whether records may have to be sent on, so that their stored bytes must be kept.</summary>
    internal bool MayForward => _topic is not null || _then?.MayForward == true;

    /// <summary>Whether records may have to rest in another topic.</summary>
    internal bool MayDelay => _action == FailureAction.RetryTopic || _then?.MayDelay == true;

    /// <summary>The stored bytes go to another topic, with the record's headers and <see cref="FailureHeaders"/>.</summary>
    /// <param name="topic">The topic.</param>
    public static FailurePolicy DeadLetter(string topic)
    {
        ArgumentException.ThrowIfNullOrEmpty(topic);
        return new FailurePolicy(FailureAction.DeadLetter, topic);
    }

    /// <summary>The handler runs again with the same record after a pause, which doubles each time. The records behind it in its order wait meanwhile.</summary>
    /// <param name="attempts">How often it runs again.</param>
    /// <param name="pause">The first pause.</param>
    /// <param name="longest">The longest pause; null for ten times the first. Pause and handler together must stay below <see cref="ConsumerOptions.MaxPollInterval"/>.</param>
    /// <param name="then">What happens when that did not help; null for <see cref="Stop"/>.</param>
    public static FailurePolicy Retry(int attempts, TimeSpan pause, TimeSpan? longest = null, FailurePolicy? then = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(attempts, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(pause, TimeSpan.Zero);
        TimeSpan most = longest ?? pause * 10;
        ArgumentOutOfRangeException.ThrowIfLessThan(most, pause, nameof(longest));
        return new FailurePolicy(FailureAction.RunAgain, null, attempts, pause, most, then ?? Stop);
    }

    /// <summary>
    /// The record goes to another topic with the number of the attempt and the time when it is due (<see cref="FailureHeaders.Attempt"/>, <see cref="FailureHeaders.Due"/>). A consumer that reads that topic by
    /// <see cref="Consumer{TKey, TValue}.RunAsync"/>, which may be this one, leaves its partition out until then; other partitions go on.
    /// </summary>
    /// <param name="topic">The topic, one for each length of delay: its records become due in the order in which they are stored.</param>
    /// <param name="attempts">How often the record goes there.</param>
    /// <param name="delay">How long it rests there.</param>
    /// <param name="then">What happens when that did not help; null for <see cref="Stop"/>. After another retry topic the attempts go on counting.</param>
    public static FailurePolicy RetryTopic(string topic, int attempts, TimeSpan delay, FailurePolicy? then = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(topic);
        ArgumentOutOfRangeException.ThrowIfLessThan(attempts, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        return new FailurePolicy(FailureAction.RetryTopic, topic, attempts, delay, delay, then ?? Stop);
    }

    /// <summary>Decides what is next for a record.</summary>
    /// <param name="runs">How often its handler has run and failed since it was read.</param>
    /// <param name="sent">How often it was sent to a retry topic.</param>
    internal FailureDecision Decide(int runs, int sent) => _action switch
    {
        FailureAction.RunAgain when runs <= _attempts => new(FailureAction.RunAgain, null, Pause(runs)),
        FailureAction.RunAgain => _then!.Decide(runs - _attempts, sent),
        FailureAction.RetryTopic when sent < _attempts => new(FailureAction.RetryTopic, _topic, _pause),
        FailureAction.RetryTopic => _then!.Decide(runs, sent - _attempts),
        _ => new(_action, _topic, TimeSpan.Zero),
    };

    private TimeSpan Pause(int runs)
    {
        double pause = _pause.TotalMilliseconds * Math.Pow(2, Math.Min(runs - 1, 30));
        return TimeSpan.FromMilliseconds(Math.Min(pause, _longest.TotalMilliseconds));
    }
}
