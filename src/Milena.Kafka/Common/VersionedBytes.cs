using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Common;

/// <summary>Reads messages that lie within bytes of other messages, behind their version.</summary>
internal static class VersionedBytes
{
    /// <summary>Reads a message.</summary>
    /// <param name="bytes">The version, then the fields.</param>
    /// <param name="lastVersion">The highest version that is known; a higher one has its new fields behind the old ones.</param>
    /// <exception cref="ProtocolException">The bytes are no such message.</exception>
    public static T Read<T>(ReadOnlyMemory<byte> bytes, short lastVersion)
        where T : class, IMessage<T>
    {
        // A copy: answers live in pooled buffers, and members outlive them.
        ReadOnlyMemory<byte> own = bytes.ToArray();
        var reader = new ProtocolReader(own);
        short version = reader.ReadInt16();
        if (version < 0)
        {
            throw new ProtocolException($"Version {version} of {typeof(T).Name} is below zero.");
        }

        try
        {
            return T.Read(ref reader, Math.Min(version, lastVersion));
        }
        catch (ProtocolException) when (version > 0)
        {
            // Some clients name a version and write the fields of version 0.
            var again = new ProtocolReader(own);
            again.Skip(sizeof(short));
            return T.Read(ref again, 0);
        }
    }
}
