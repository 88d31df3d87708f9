using System.Buffers;

namespace Milena.Kafka.Protocol.Tests.Messages;

/// <summary>A gathering writer that hands out tight blocks and keeps what was appended by reference.</summary>
internal sealed class GatheringBuffer : IGatheringBufferWriter
{
    private readonly List<ReadOnlyMemory<byte>> _segments = [];
    private byte[] _block = [];

    /// <summary>The payloads that were taken without a copy.</summary>
    public List<ReadOnlyMemory<byte>> Borrowed { get; } = [];

    public void Append(ReadOnlyMemory<byte> borrowed)
    {
        Borrowed.Add(borrowed);
        _segments.Add(borrowed);
    }

    public void Advance(int count)
    {
        _segments.Add(_block.AsMemory(0, count));
        _block = [];
    }

    public Memory<byte> GetMemory(int sizeHint = 0) => _block = new byte[Math.Max(sizeHint, 1)];

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public byte[] ToArray()
    {
        var output = new ArrayBufferWriter<byte>();
        _segments.ForEach(segment => output.Write(segment.Span));
        return output.WrittenSpan.ToArray();
    }
}
