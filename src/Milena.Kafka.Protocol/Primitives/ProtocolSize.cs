using System.Text;

namespace Milena.Kafka.Protocol;

/// <summary>How many bytes <see cref="ProtocolWriter"/> takes for a value.</summary>
public static class ProtocolSize
{
    /// <summary>The size of an unsigned varint.</summary>
    public static int OfUnsignedVarint(uint value) => Varint.SizeUnsigned(value);

    /// <summary>The size of a string or null with its length.</summary>
    /// <param name="value">The string.</param>
    /// <param name="flexible">Whether the compact encoding is used.</param>
    /// <exception cref="ProtocolException">The string takes more than 32,767 bytes.</exception>
    public static int OfString(string? value, bool flexible)
    {
        int length = value is null ? 0 : Utf8Length(value);
        return flexible ? Varint.SizeUnsigned(value is null ? 0 : (uint)length + 1) + length : 2 + length;
    }

    /// <summary>The size of bytes or null with their length.</summary>
    /// <param name="value">The bytes.</param>
    /// <param name="flexible">Whether the compact encoding is used.</param>
    public static int OfBytes(ReadOnlyMemory<byte>? value, bool flexible) => OfArrayCount(value?.Length ?? -1, flexible) + (value?.Length ?? 0);

    /// <summary>The size of an array's count; -1 stands for null.</summary>
    /// <param name="count">The number of elements.</param>
    /// <param name="flexible">Whether the compact encoding is used.</param>
    public static int OfArrayCount(int count, bool flexible) => flexible ? Varint.SizeUnsigned((uint)(count + 1)) : 4;

    /// <summary>The size of a tagged field with its head.</summary>
    /// <param name="tag">The tag.</param>
    /// <param name="size">The number of bytes of the value.</param>
    public static int OfTag(uint tag, int size) => Varint.SizeUnsigned(tag) + Varint.SizeUnsigned((uint)size) + size;

    internal static int Utf8Length(string value)
    {
        int length = Encoding.UTF8.GetByteCount(value);
        return length <= short.MaxValue ? length : throw new ProtocolException($"A string of {length:N0} bytes is longer than the 32,767 that the protocol can carry.");
    }
}
