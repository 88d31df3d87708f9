namespace Milena.Kafka;

/// <summary>There was no room for a record within <see cref="ProducerOptions.MaxBlock"/>. It was not queued.</summary>
public sealed class BufferExhaustedException : KafkaException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">How long the producer waited for how much room.</param>
    public BufferExhaustedException(string message) : base(message)
    {
    }

    /// <inheritdoc/>
    public override bool IsRetriable => true;
}
