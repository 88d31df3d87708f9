using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Milena.Kafka.Protocol;

/// <summary>Writes the protocol's types to a buffer writer. Call <see cref="Flush"/> at the end.</summary>
public ref struct ProtocolWriter
{
    /// <summary>Payloads from this size on are handed to an <see cref="IGatheringBufferWriter"/> by reference.</summary>
    public const int GatherThreshold = 1024;

    private const int BlockSize = 512;

    private readonly IBufferWriter<byte> _output;
    private Span<byte> _block;
    private int _used;
    private long _flushed;

    /// <summary>Starts writing.</summary>
    /// <param name="output">Where the bytes go.</param>
    public ProtocolWriter(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        _output = output;
    }

    /// <summary>Bytes written so far.</summary>
    public readonly long Written => _flushed + _used;

    /// <summary>Writes one byte, 0 or 1.</summary>
    public void WriteBool(bool value) => Next(1)[0] = value ? (byte)1 : (byte)0;

    /// <summary>Writes an int8.</summary>
    public void WriteInt8(sbyte value) => Next(1)[0] = (byte)value;

    /// <summary>Writes an int16.</summary>
    public void WriteInt16(short value) => BinaryPrimitives.WriteInt16BigEndian(Next(2), value);

    /// <summary>Writes a uint16.</summary>
    public void WriteUInt16(ushort value) => BinaryPrimitives.WriteUInt16BigEndian(Next(2), value);

    /// <summary>Writes an int32.</summary>
    public void WriteInt32(int value) => BinaryPrimitives.WriteInt32BigEndian(Next(4), value);

    /// <summary>Writes a uint32.</summary>
    public void WriteUInt32(uint value) => BinaryPrimitives.WriteUInt32BigEndian(Next(4), value);

    /// <summary>Writes an int64.</summary>
    public void WriteInt64(long value) => BinaryPrimitives.WriteInt64BigEndian(Next(8), value);

    /// <summary>Writes an IEEE 754 double.</summary>
    public void WriteFloat64(double value) => BinaryPrimitives.WriteDoubleBigEndian(Next(8), value);

    /// <summary>Writes a uuid in text order.</summary>
    public void WriteUuid(Guid value) => value.TryWriteBytes(Next(16), bigEndian: true, out _);

    /// <summary>Writes an unsigned varint.</summary>
    public void WriteUnsignedVarint(uint value)
    {
        Reserve(Varint.MaxSize32);
        _used += Varint.WriteUnsigned(_block[_used..], value);
    }

    /// <summary>Writes a string or null.</summary>
    /// <param name="value">The string.</param>
    /// <param name="flexible">Whether the compact encoding is used.</param>
    /// <exception cref="ProtocolException">The string takes more than 32,767 bytes.</exception>
    public void WriteString(string? value, bool flexible)
    {
        int length = value is null ? -1 : ProtocolSize.Utf8Length(value);
        if (flexible)
        {
            WriteUnsignedVarint((uint)(length + 1));
        }
        else
        {
            WriteInt16((short)length);
        }

        if (length > 0)
        {
            Encoding.UTF8.GetBytes(value, Next(length));
        }
    }

    /// <summary>Writes bytes or null; large ones by reference where the output can take them.</summary>
    /// <param name="value">The bytes.</param>
    /// <param name="flexible">Whether the compact encoding is used.</param>
    public void WriteBytes(ReadOnlyMemory<byte>? value, bool flexible)
    {
        WriteArrayCount(value?.Length ?? -1, flexible);
        if (value is { Length: > 0 } bytes)
        {
            WriteRaw(bytes);
        }
    }

    /// <summary>Writes bytes without a length; large ones by reference where the output can take them.</summary>
    /// <param name="bytes">The bytes.</param>
    public void WriteRaw(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length >= GatherThreshold && _output is IGatheringBufferWriter gathering)
        {
            Flush();
            gathering.Append(bytes);
            _flushed += bytes.Length;
        }
        else
        {
            bytes.Span.CopyTo(Next(bytes.Length));
        }
    }

    /// <summary>Writes the count of an array; -1 stands for null.</summary>
    /// <param name="count">The number of elements.</param>
    /// <param name="flexible">Whether the compact encoding is used.</param>
    public void WriteArrayCount(int count, bool flexible)
    {
        if (flexible)
        {
            WriteUnsignedVarint((uint)(count + 1));
        }
        else
        {
            WriteInt32(count);
        }
    }

    /// <summary>Writes the head of a tagged field.</summary>
    /// <param name="tag">The tag; tags ascend.</param>
    /// <param name="size">The number of bytes of the value.</param>
    public void WriteTag(uint tag, int size)
    {
        WriteUnsignedVarint(tag);
        WriteUnsignedVarint((uint)size);
    }

    /// <summary>Hands what was written to the output.</summary>
    public void Flush()
    {
        if (_used > 0)
        {
            _output.Advance(_used);
            _flushed += _used;
        }

        _block = default;
        _used = 0;
    }

    private Span<byte> Next(int size)
    {
        Reserve(size);
        Span<byte> next = _block.Slice(_used, size);
        _used += size;
        return next;
    }

    private void Reserve(int size)
    {
        if (_block.Length - _used < size)
        {
            Flush();
            _block = _output.GetSpan(Math.Max(size, BlockSize));
        }
    }
}
