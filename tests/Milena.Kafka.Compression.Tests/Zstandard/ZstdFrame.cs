using System.Buffers.Binary;
using Milena.Kafka.Compression.Zstandard;

namespace Milena.Kafka.Compression.Tests.Zstandard;

/// <summary>Builds frames by hand, right ones and wrong ones.</summary>
internal sealed class ZstdFrame
{
    private readonly List<byte> _bytes = [];
    private int _lastBlock = -1;

    /// <summary>A frame with a window and no content size.</summary>
    public static ZstdFrame WithWindow(byte descriptor = 0x38) => new ZstdFrame().Add(0x28, 0xB5, 0x2F, 0xFD, 0x00, descriptor);

    /// <summary>A frame whose window is its content, with the size in so many bytes.</summary>
    public static ZstdFrame WithSize(ulong size, int width = 8)
    {
        int flag = width switch { 1 => 0, 2 => 1, 4 => 2, _ => 3 };
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(number, width == 2 ? size - 256 : size);
        return new ZstdFrame().Add(0x28, 0xB5, 0x2F, 0xFD, (byte)(flag << 6 | 0x20)).Add(number[..width]);
    }

    /// <summary>A skippable frame.</summary>
    public static byte[] Skippable(int number, params byte[] content)
    {
        byte[] frame = new byte[8 + content.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(frame, 0x184D2A50u + (uint)number);
        BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(4), content.Length);
        content.CopyTo(frame, 8);
        return frame;
    }

    public ZstdFrame Raw(params ReadOnlySpan<byte> content) => Block(0, content.Length, content);

    public ZstdFrame Rle(byte value, int count) => Block(1, count, value);

    public ZstdFrame Compressed(params ReadOnlySpan<byte> content) => Block(2, content.Length, content);

    /// <summary>A block of literals and one sequence whose codes are told each by a byte.</summary>
    public ZstdFrame OneSequence(string literals, byte literalLength, byte offset, byte matchLength, params ReadOnlySpan<byte> bits) => Compressed(
        [(byte)(literals.Length << 3), .. System.Text.Encoding.ASCII.GetBytes(literals), 1, 0x54, literalLength, offset, matchLength, .. bits]);

    public ZstdFrame Block(int type, int size, params ReadOnlySpan<byte> content)
    {
        _lastBlock = _bytes.Count;
        int header = type << 1 | size << 3;
        return Add((byte)header, (byte)(header >> 8), (byte)(header >> 16)).Add(content);
    }

    /// <summary>The frame, its latest block being the last.</summary>
    public byte[] End()
    {
        _bytes[_lastBlock] |= 1;
        return [.. _bytes];
    }

    /// <summary>The frame with a checksum of what its content should be.</summary>
    public byte[] End(byte[] content)
    {
        _bytes[4] |= 4;
        Span<byte> checksum = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(checksum, XxHash64.Checksum(content));
        return [.. End(), .. checksum];
    }

    private ZstdFrame Add(params ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }
}
