namespace Milena.Kafka.Protocol;

/// <summary>A field is set that the version spoken with the broker does not have and that must not be dropped silently.</summary>
public sealed class UnsupportedFieldException : ProtocolException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">The message, field and version, and since when the field exists.</param>
    public UnsupportedFieldException(string message) : base(message)
    {
    }
}
