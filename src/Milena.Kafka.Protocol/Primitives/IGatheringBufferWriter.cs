using System.Buffers;

namespace Milena.Kafka.Protocol;

/// <summary>A buffer writer that can take large payloads by reference, for a gathering socket write.</summary>
public interface IGatheringBufferWriter : IBufferWriter<byte>
{
    /// <summary>Appends memory without copying it. It must stay unchanged until the whole frame has been sent.</summary>
    /// <param name="borrowed">The bytes that come next.</param>
    void Append(ReadOnlyMemory<byte> borrowed);
}
