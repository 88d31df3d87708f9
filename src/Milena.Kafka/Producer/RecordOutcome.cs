namespace Milena.Kafka;

/// <summary>What became of one record of <see cref="Producer{TKey, TValue}.ProduceManyAsync"/>.</summary>
public readonly struct RecordOutcome
{
    private readonly DeliveryResult _result;

    /// <summary>The outcome of a record that is stored.</summary>
    /// <param name="result">Where.</param>
    public RecordOutcome(DeliveryResult result) => _result = result;

    /// <summary>The outcome of a record that failed.</summary>
    /// <param name="failure">Why.</param>
    public RecordOutcome(Exception failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        Failure = failure;
    }

    /// <summary>Whether the record is in the log.</summary>
    public DeliveryStatus Status => Failure switch
    {
        null => DeliveryStatus.Stored,
        DeliveryException failed => failed.Status,
        // It was refused before it came into a batch.
        _ => DeliveryStatus.NotStored,
    };

    /// <summary>Whether the record is stored.</summary>
    public bool IsStored => Failure is null;

    /// <summary>Where the record is stored.</summary>
    /// <exception cref="InvalidOperationException">It failed; <see cref="Failure"/> is the inner exception.</exception>
    public DeliveryResult Result => Failure is null ? _result : throw new InvalidOperationException($"The record was not delivered ({Status}): {Failure.Message}", Failure);

    /// <summary>Why the record failed: what <see cref="Producer{TKey, TValue}.ProduceAsync(string, TKey, TValue, CancellationToken)"/> would have thrown; null if it is stored.</summary>
    /// <value>Records that failed together share one exception.</value>
    public Exception? Failure { get; }
}
