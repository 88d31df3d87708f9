using Milena.Kafka.Protocol;

namespace Milena.Kafka;

/// <summary>Another producer with the same transactional id has taken over, or the coordinator has ended this one's transaction by its time-out. This producer can do nothing more: dispose it.</summary>
/// <remarks>
/// Usual causes: a second process was given the same <see cref="ProducerOptions.TransactionalId"/>, this one was thought dead and replaced, or a transaction took longer than
/// <see cref="ProducerOptions.TransactionTimeout"/>. What its last transaction had written is aborted.
/// </remarks>
public sealed class ProducerFencedException : KafkaException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="code">The broker's error code.</param>
    /// <param name="message">Which producer, at which step, and what to do about it.</param>
    /// <param name="innerException">What the broker answered.</param>
    public ProducerFencedException(ErrorCode code, string message, Exception? innerException = null) : base(code, message, innerException)
    {
    }

    /// <inheritdoc/>
    public override bool IsRetriable => false;
}
