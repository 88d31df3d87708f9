using System.Buffers;
using System.Buffers.Binary;

namespace Milena.Kafka.Compression.Lz4;

/// <summary>Writes one frame. A block that does not get smaller is stored as it is.</summary>
internal ref struct Lz4FrameWriter
{
    private readonly ReadOnlySpan<byte> _source;
    private readonly IBufferWriter<byte> _destination;
    private readonly Lz4FrameOptions _options;
    private readonly Lz4BlockEncoder _encoder;

    public Lz4FrameWriter(ReadOnlySpan<byte> source, IBufferWriter<byte> destination, Lz4FrameOptions options, in Lz4BlockEncoder encoder)
    {
        _source = source;
        _destination = destination;
        _options = options;
        _encoder = encoder;
    }

    public readonly void Write()
    {
        _destination.Advance(Lz4FrameHeader.Write(_destination.GetSpan(Lz4FrameHeader.MaxSize), _options, _source.Length));
        int blockSize = Lz4FrameHeader.BlockSizeOf(_options.BlockSize);
        for (int start = 0; start < _source.Length; start += blockSize)
        {
            WriteBlock(start, Math.Min(blockSize, _source.Length - start));
        }

        Span<byte> end = _destination.GetSpan(2 * sizeof(uint));
        BinaryPrimitives.WriteUInt32LittleEndian(end, 0);
        int size = sizeof(uint);
        if (_options.ContentChecksum)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(end[size..], XxHash32.Compute(_source));
            size += sizeof(uint);
        }

        _destination.Advance(size);
    }

    private readonly void WriteBlock(int start, int length)
    {
        Span<byte> block = _destination.GetSpan((2 * sizeof(uint)) + Lz4Sequence.MaxEncodedLength(length));
        Span<byte> content = block[sizeof(uint)..];
        uint word = (uint)(_options.LinkedBlocks
            ? _encoder.Encode(_source[..(start + length)], start, content)
            : _encoder.Encode(_source.Slice(start, length), 0, content));
        int size = (int)word;
        if (size >= length)
        {
            _source.Slice(start, length).CopyTo(content);
            size = length;
            word = (uint)length | Lz4FrameHeader.StoredFlag;
        }

        BinaryPrimitives.WriteUInt32LittleEndian(block, word);
        int total = sizeof(uint) + size;
        if (_options.BlockChecksums)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(block[total..], XxHash32.Compute(content[..size]));
            total += sizeof(uint);
        }

        _destination.Advance(total);
    }
}
