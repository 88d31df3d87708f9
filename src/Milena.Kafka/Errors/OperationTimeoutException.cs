using Milena.Kafka.Protocol;

namespace Milena.Kafka;

/// <summary>An operation did not succeed in its time, with all retries. The message holds the last failure.</summary>
/// <remarks>Bounded by <see cref="KafkaClientOptions.ApiTimeout"/>, Kafka's <c>default.api.timeout.ms</c>.</remarks>
public sealed class OperationTimeoutException : KafkaException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="code">The last error code of a broker, if there was one.</param>
    /// <param name="message">What was tried, for how long, and the last failure.</param>
    /// <param name="innerException">The last failure.</param>
    public OperationTimeoutException(ErrorCode code, string message, Exception? innerException = null) : base(code, message, innerException)
    {
    }

    /// <inheritdoc/>
    public override bool IsRetriable => true;
}
