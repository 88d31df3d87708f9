using Milena.Kafka.Protocol;

namespace Milena.Kafka;

/// <summary>A broker and this client have no version of an API in common, or the common one lacks what was asked for.</summary>
public sealed class UnsupportedVersionException : KafkaException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">The API, the versions of both sides, and the broker.</param>
    /// <param name="innerException">The cause, if there is one.</param>
    public UnsupportedVersionException(string message, Exception? innerException = null)
        : base(ErrorCode.UnsupportedVersion, message, innerException)
    {
    }
}
