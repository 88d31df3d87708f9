using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Milena.Kafka.Protocol;

/// <summary>Reads the protocol's types from one frame. Every length is held against the bytes that are left before it is believed.</summary>
/// <remarks>Large payloads are handed out as slices of the frame; they live as long as its buffer.</remarks>
public ref struct ProtocolReader
{
    private readonly ReadOnlyMemory<byte> _frame;
    private readonly ReadOnlySpan<byte> _span;
    private int _position;

    /// <summary>Starts at the first byte of a frame.</summary>
    /// <param name="frame">The frame without its length.</param>
    public ProtocolReader(ReadOnlyMemory<byte> frame)
    {
        _frame = frame;
        _span = frame.Span;
        _position = 0;
    }

    /// <summary>Bytes read so far.</summary>
    public readonly int Position => _position;

    /// <summary>Bytes not yet read.</summary>
    public readonly int Remaining => _span.Length - _position;

    /// <summary>Reads a byte; anything but zero is true.</summary>
    public bool ReadBool() => Take(1)[0] != 0;

    /// <summary>Reads an int8.</summary>
    public sbyte ReadInt8() => (sbyte)Take(1)[0];

    /// <summary>Reads an int16.</summary>
    public short ReadInt16() => BinaryPrimitives.ReadInt16BigEndian(Take(2));

    /// <summary>Reads a uint16.</summary>
    public ushort ReadUInt16() => BinaryPrimitives.ReadUInt16BigEndian(Take(2));

    /// <summary>Reads an int32.</summary>
    public int ReadInt32() => BinaryPrimitives.ReadInt32BigEndian(Take(4));

    /// <summary>Reads a uint32.</summary>
    public uint ReadUInt32() => BinaryPrimitives.ReadUInt32BigEndian(Take(4));

    /// <summary>Reads an int64.</summary>
    public long ReadInt64() => BinaryPrimitives.ReadInt64BigEndian(Take(8));

    /// <summary>Reads an IEEE 754 double.</summary>
    public double ReadFloat64() => BinaryPrimitives.ReadDoubleBigEndian(Take(8));

    /// <summary>Reads a uuid; <see cref="Guid.Empty"/> stands for none.</summary>
    public Guid ReadUuid() => new(Take(16), bigEndian: true);

    /// <summary>Reads an unsigned varint.</summary>
    public uint ReadUnsignedVarint()
    {
        int size = Varint.TryReadUnsigned(_span[_position..], out uint value);
        if (size <= 0)
        {
            ThrowBadVarint(size);
        }

        _position += size;
        return value;
    }

    /// <summary>Reads a zigzag varint.</summary>
    public int ReadVarint() => Varint.UnZigZag(ReadUnsignedVarint());

    /// <summary>Reads a zigzag varlong.</summary>
    public long ReadVarlong()
    {
        int size = Varint.TryReadUnsigned(_span[_position..], out ulong value);
        if (size <= 0)
        {
            ThrowBadVarint(size);
        }

        _position += size;
        return Varint.UnZigZag(value);
    }

    /// <summary>Reads a string that must not be null.</summary>
    /// <param name="flexible">Whether the compact encoding is used.</param>
    public string ReadString(bool flexible) => ReadNullableString(flexible) ?? throw NullNotAllowed("string");

    /// <summary>Reads a string that may be null.</summary>
    /// <param name="flexible">Whether the compact encoding is used.</param>
    public string? ReadNullableString(bool flexible)
    {
        int length = flexible ? ReadCompactLength() : ReadInt16();
        return length switch
        {
            < -1 => throw Bad($"a string has the length {length}"),
            -1 => null,
            0 => "",
            _ => Encoding.UTF8.GetString(Take(length)),
        };
    }

    /// <summary>Reads bytes that must not be null, as a copy of their own.</summary>
    /// <param name="flexible">Whether the compact encoding is used.</param>
    public ReadOnlyMemory<byte> ReadBytes(bool flexible) => ReadSlice(flexible).ToArray();

    /// <summary>Reads bytes that may be null, as a copy of their own.</summary>
    /// <param name="flexible">Whether the compact encoding is used.</param>
    public ReadOnlyMemory<byte>? ReadNullableBytes(bool flexible) =>
        ReadNullableSlice(flexible) is { } slice ? slice.ToArray() : default(ReadOnlyMemory<byte>?);

    /// <summary>Reads bytes that must not be null, as a slice of the frame.</summary>
    /// <param name="flexible">Whether the compact encoding is used.</param>
    public ReadOnlyMemory<byte> ReadSlice(bool flexible) => ReadNullableSlice(flexible) ?? throw NullNotAllowed("byte sequence");

    /// <summary>Reads bytes that may be null, as a slice of the frame.</summary>
    /// <param name="flexible">Whether the compact encoding is used.</param>
    public ReadOnlyMemory<byte>? ReadNullableSlice(bool flexible)
    {
        int length = flexible ? ReadCompactLength() : ReadInt32();
        if (length < 0)
        {
            return length == -1 ? null : throw Bad($"a byte sequence has the length {length}");
        }

        int start = _position;
        Skip(length);
        return _frame.Slice(start, length);
    }

    /// <summary>Reads the count of an array that must not be null.</summary>
    /// <param name="flexible">Whether the compact encoding is used.</param>
    /// <param name="elementSize">The fewest bytes that one element can take; the count is held against what is left.</param>
    public int ReadArrayCount(bool flexible, int elementSize)
    {
        int count = ReadNullableArrayCount(flexible, elementSize);
        return count >= 0 ? count : throw NullNotAllowed("array");
    }

    /// <summary>Reads the count of an array that may be null.</summary>
    /// <param name="flexible">Whether the compact encoding is used.</param>
    /// <param name="elementSize">The fewest bytes that one element can take; the count is held against what is left.</param>
    /// <returns>-1 stands for a null array.</returns>
    public int ReadNullableArrayCount(bool flexible, int elementSize)
    {
        int count = flexible ? ReadCompactLength() : ReadInt32();
        if (count < -1)
        {
            throw Bad($"an array has the count {count}");
        }

        if ((long)count * elementSize > Remaining)
        {
            throw Bad($"an array claims {count} elements with {Remaining} bytes left");
        }

        return count;
    }

    /// <summary>Reads the byte that tells whether a nullable struct follows.</summary>
    public bool ReadStructPresence() => ReadInt8() >= 0;

    /// <summary>Reads the head of the next tagged field.</summary>
    /// <param name="size">The number of bytes of the value.</param>
    /// <returns>The tag.</returns>
    public uint ReadTag(out int size)
    {
        uint tag = ReadUnsignedVarint();
        uint claimed = ReadUnsignedVarint();
        if (claimed > (uint)Remaining)
        {
            throw Bad($"tagged field {tag} claims {claimed} bytes with {Remaining} left");
        }

        size = (int)claimed;
        return tag;
    }

    /// <summary>Checks that a tagged field was read to exactly its end.</summary>
    /// <param name="tag">The tag.</param>
    /// <param name="end">The position where the value must end.</param>
    public readonly void ExpectTagEnd(uint tag, int end)
    {
        if (_position != end)
        {
            throw Bad($"tagged field {tag} ends at byte {_position} instead of {end}");
        }
    }

    /// <summary>Moves past a whole tag section.</summary>
    public void SkipTags()
    {
        for (uint count = ReadUnsignedVarint(); count > 0; count--)
        {
            ReadTag(out int size);
            Skip(size);
        }
    }

    /// <summary>Moves past bytes.</summary>
    /// <param name="count">How many.</param>
    public void Skip(int count) => Take(count);

    /// <summary>Reads raw bytes as a span over the frame.</summary>
    /// <param name="count">How many.</param>
    public ReadOnlySpan<byte> Take(int count)
    {
        if ((uint)count > (uint)Remaining)
        {
            ThrowTooShort(count);
        }

        ReadOnlySpan<byte> taken = _span.Slice(_position, count);
        _position += count;
        return taken;
    }

    private int ReadCompactLength()
    {
        uint lengthPlusOne = ReadUnsignedVarint();
        return lengthPlusOne <= int.MaxValue ? (int)lengthPlusOne - 1 : throw Bad($"a length of {lengthPlusOne - 1L} bytes or elements");
    }

    private readonly ProtocolException Bad(string what) => new($"At byte {_position} of {_span.Length}: {what}.");

    private readonly ProtocolException NullNotAllowed(string type) => Bad($"a {type} is null where the protocol forbids it");

    [DoesNotReturn]
    private readonly void ThrowTooShort(int count) => throw Bad($"{count} bytes are wanted and {Remaining} are left");

    [DoesNotReturn]
    private readonly void ThrowBadVarint(int size) =>
        throw Bad(size == 0 ? "the frame ends within a variable-length number" : "a variable-length number has too many bits");
}
