namespace Milena.Kafka.Protocol.Records;

/// <summary>Records are compressed, or are to be compressed, with a codec that is not registered.</summary>
public sealed class UnsupportedCompressionException : ProtocolException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="compression">The codec, by its number in the batch's attributes.</param>
    /// <param name="message">What is missing and how to register it.</param>
    public UnsupportedCompressionException(CompressionType compression, string message) : base(message)
    {
        Compression = compression;
    }

    /// <summary>The codec that is missing. It may be a number that has no name.</summary>
    public CompressionType Compression { get; }
}
