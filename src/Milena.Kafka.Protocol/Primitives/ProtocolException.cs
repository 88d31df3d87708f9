namespace Milena.Kafka.Protocol;

/// <summary>Bytes from the wire do not follow the protocol, or a message cannot be written in the wanted version.</summary>
public class ProtocolException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong, and where.</param>
    public ProtocolException(string message) : base(message)
    {
    }

    /// <summary>Creates the exception with its cause.</summary>
    /// <param name="message">What is wrong, and where.</param>
    /// <param name="innerException">The cause.</param>
    public ProtocolException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
