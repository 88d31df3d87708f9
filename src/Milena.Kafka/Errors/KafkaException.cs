using Milena.Kafka.Protocol;

namespace Milena.Kafka;

/// <summary>Base of all that can go wrong between this client and a cluster.</summary>
public class KafkaException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What failed, where, and what to do about it.</param>
    /// <param name="innerException">The cause, if there is one.</param>
    public KafkaException(string message, Exception? innerException = null) : base(message, innerException)
    {
    }

    /// <summary>Creates the exception for an error code that a broker answered with.</summary>
    /// <param name="code">The broker's code; unknown ones keep their number.</param>
    /// <param name="message">What failed, where, and what to do about it.</param>
    /// <param name="innerException">The cause, if there is one.</param>
    public KafkaException(ErrorCode code, string message, Exception? innerException = null) : base(message, innerException)
    {
        Code = code;
    }

    /// <summary>The error code that a broker answered with; <see cref="ErrorCode.None"/> if the failure is the client's own.</summary>
    public ErrorCode Code { get; }

    /// <summary>Whether the same call may succeed later.</summary>
    public virtual bool IsRetriable => Code.IsRetriable();
}
