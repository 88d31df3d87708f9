namespace Milena.Kafka;

/// <summary>How one call of the <see cref="AdminClient"/> is carried out.</summary>
public class AdminOptions
{
    /// <summary>How long the call may take with all its look-ups and retries. What is open then fails with <see cref="OperationTimeoutException"/>.</summary>
    /// <value>Null: <see cref="KafkaClientOptions.ApiTimeout"/>. Positive.</value>
    public TimeSpan? Timeout { get; init; }
}
