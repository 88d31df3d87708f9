namespace Milena.Kafka;

/// <summary>What a consumer does with a record whose key or value cannot be read.</summary>
/// <remarks>
/// Whatever is chosen, the position moves behind such a record only when it has been dealt with: a handler has returned, or its dead letter is stored. If that fails, the reading ends with the failure and
/// meets the record again. All but <see cref="Throw"/> have batches decoded before they are handed out; the stored bytes of a batch show the record all the same.
/// </remarks>
public sealed class PoisonPolicy
{
    private readonly Func<PoisonRecord, CancellationToken, ValueTask>? _handler;

    private PoisonPolicy(Func<PoisonRecord, CancellationToken, ValueTask>? handler = null, string? topic = null)
    {
        _handler = handler;
        Topic = topic;
    }

    /// <summary>The reading ends with a <see cref="SerializationException"/> that carries the record.</summary>
    public static PoisonPolicy Throw { get; } = new();

    /// <summary>The record is left out, with a warning in the log and a count in <c>kafka.consumer.poison.records</c>.</summary>
    public static PoisonPolicy Skip { get; } = new(static (_, _) => default);

    internal bool Throws => _handler is null && Topic is null;

    internal bool Skips => ReferenceEquals(this, Skip);

    /// <summary>The topic of the dead letters; null for none.</summary>
    internal string? Topic { get; }

    /// <summary>A handler takes the record; reading goes on when it has returned. What it throws ends the reading.</summary>
    /// <param name="handler">Takes the record. The token is set off when the reading ends.</param>
    public static PoisonPolicy Handle(Func<PoisonRecord, CancellationToken, ValueTask> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return new PoisonPolicy(handler);
    }

    /// <summary>The stored bytes go to another topic, with the record's headers and <see cref="FailureHeaders"/>; reading goes on when they are stored there.</summary>
    /// <param name="topic">The topic. It is not created unless the brokers do so by themselves.</param>
    public static PoisonPolicy DeadLetter(string topic)
    {
        ArgumentException.ThrowIfNullOrEmpty(topic);
        return new PoisonPolicy(topic: topic);
    }

    internal ValueTask HandleAsync(PoisonRecord record, CancellationToken cancellationToken) => _handler!(record, cancellationToken);
}
