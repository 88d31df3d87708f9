namespace Milena.Kafka;

/// <summary>A key or value could not be turned into bytes, or bytes not into a key or value.</summary>
public sealed class SerializationException : KafkaException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">The type, and what is wrong with the value or bytes.</param>
    /// <param name="innerException">The cause, if there is one.</param>
    public SerializationException(string message, Exception? innerException = null) : base(message, innerException)
    {
    }
}
