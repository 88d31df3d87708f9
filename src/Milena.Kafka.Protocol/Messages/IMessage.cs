namespace Milena.Kafka.Protocol;

/// <summary>A struct of the protocol that knows its bytes at every version.</summary>
public interface IMessage
{
    /// <summary>The number of bytes that <see cref="Write"/> will write.</summary>
    /// <param name="version">The version to write.</param>
    int GetSize(short version);

    /// <summary>Writes the fields of a version.</summary>
    /// <param name="writer">Where to write.</param>
    /// <param name="version">The version to write.</param>
    /// <exception cref="UnsupportedFieldException">A field is set that the version does not have and that must not be dropped.</exception>
    void Write(ref ProtocolWriter writer, short version);
}

/// <summary>A message that can be read.</summary>
/// <typeparam name="TSelf">The message itself.</typeparam>
public interface IMessage<TSelf> : IMessage
    where TSelf : IMessage<TSelf>
{
    /// <summary>Reads the fields of a version.</summary>
    /// <param name="reader">Where to read.</param>
    /// <param name="version">The version to read.</param>
    /// <exception cref="ProtocolException">The bytes are not such a message.</exception>
    static abstract TSelf Read(ref ProtocolReader reader, short version);
}
