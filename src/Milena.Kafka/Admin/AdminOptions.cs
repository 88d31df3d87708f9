namespace Milena.Kafka;

/// <summary>How one call of the <see cref="AdminClient"/> is carried out.</summary>
public class AdminOptions
{
    /// <summary>How long the call may take with all its look-ups and retries. What is open then fails with <see cref="OperationTimeoutException"/>.</summary>
    /// <value>Null: <see cref="KafkaClientOptions.ApiTimeout"/>. Positive.</value>
    public TimeSpan? Timeout { get; init; }

    /// <summary>
    /// Whether topics that the controller may not create, extend or delete yet, because this client's quota is used up, wait as long as it says and are asked for again.
    /// If not, they fail with <c>THROTTLING_QUOTA_EXCEEDED</c> at once. Other calls know no such quota.
    /// </summary>
    /// <value>True.</value>
    /// <remarks>The quota is <c>controller_mutation_rate</c> (KIP-599). Java calls this <c>retryOnQuotaViolation</c>.</remarks>
    public bool RetryOnQuotaViolation { get; init; } = true;
}
