using System.Numerics;
using System.Runtime.CompilerServices;

namespace Milena.Kafka.Protocol;

/// <summary>Variable-length integers: 7 bits per byte, lowest group first; signed ones in zigzag form.</summary>
public static class Varint
{
    /// <summary>The most bytes a 32-bit varint takes.</summary>
    public const int MaxSize32 = 5;

    /// <summary>The most bytes a 64-bit varint takes.</summary>
    public const int MaxSize64 = 10;

    /// <summary>Bytes that an unsigned varint takes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SizeUnsigned(uint value) => (((31 - BitOperations.LeadingZeroCount(value | 1)) * 37) >> 8) + 1;

    /// <summary>Bytes that an unsigned 64-bit varint takes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SizeUnsigned(ulong value) => (((63 - BitOperations.LeadingZeroCount(value | 1)) * 37) >> 8) + 1;

    /// <summary>Bytes that a zigzag varint takes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Size(int value) => SizeUnsigned(ZigZag(value));

    /// <summary>Bytes that a zigzag varlong takes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Size(long value) => SizeUnsigned(ZigZag(value));

    /// <summary>Maps small negative and positive numbers to small unsigned ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint ZigZag(int value) => (uint)((value << 1) ^ (value >> 31));

    /// <summary>Maps small negative and positive numbers to small unsigned ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong ZigZag(long value) => (ulong)((value << 1) ^ (value >> 63));

    /// <summary>Undoes <see cref="ZigZag(int)"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int UnZigZag(uint value) => (int)(value >> 1) ^ -(int)(value & 1);

    /// <summary>Undoes <see cref="ZigZag(long)"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long UnZigZag(ulong value) => (long)(value >> 1) ^ -(long)(value & 1);

    /// <summary>Writes an unsigned varint to the start of <paramref name="destination"/>.</summary>
    /// <returns>The number of bytes written.</returns>
    /// <exception cref="IndexOutOfRangeException">The destination is too short.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int WriteUnsigned(Span<byte> destination, uint value)
    {
        int size = 0;
        while (value >= 0x80)
        {
            destination[size++] = (byte)(value | 0x80);
            value >>= 7;
        }

        destination[size++] = (byte)value;
        return size;
    }

    /// <summary>Writes an unsigned 64-bit varint to the start of <paramref name="destination"/>.</summary>
    /// <returns>The number of bytes written.</returns>
    /// <exception cref="IndexOutOfRangeException">The destination is too short.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int WriteUnsigned(Span<byte> destination, ulong value)
    {
        int size = 0;
        while (value >= 0x80)
        {
            destination[size++] = (byte)(value | 0x80);
            value >>= 7;
        }

        destination[size++] = (byte)value;
        return size;
    }

    /// <summary>Writes a zigzag varint to the start of <paramref name="destination"/>.</summary>
    /// <returns>The number of bytes written.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Write(Span<byte> destination, int value) => WriteUnsigned(destination, ZigZag(value));

    /// <summary>Writes a zigzag varlong to the start of <paramref name="destination"/>.</summary>
    /// <returns>The number of bytes written.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Write(Span<byte> destination, long value) => WriteUnsigned(destination, ZigZag(value));

    /// <summary>Reads an unsigned varint from the start of <paramref name="source"/>.</summary>
    /// <returns>The number of bytes read; 0 if the source ends too early; -1 if the number has more than 32 bits.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int TryReadUnsigned(ReadOnlySpan<byte> source, out uint value)
    {
        if (source.Length > 0 && source[0] < 0x80)
        {
            value = source[0];
            return 1;
        }

        return ReadLong(source, out value);

        static int ReadLong(ReadOnlySpan<byte> source, out uint value)
        {
            int size = TryReadUnsigned(source, MaxSize32, out ulong wide);
            value = (uint)wide;
            return wide > uint.MaxValue ? -1 : size;
        }
    }

    /// <summary>Reads an unsigned 64-bit varint from the start of <paramref name="source"/>.</summary>
    /// <returns>The number of bytes read; 0 if the source ends too early; -1 if the number has more than 64 bits.</returns>
    public static int TryReadUnsigned(ReadOnlySpan<byte> source, out ulong value) => TryReadUnsigned(source, MaxSize64, out value);

    private static int TryReadUnsigned(ReadOnlySpan<byte> source, int maxSize, out ulong value)
    {
        value = 0;
        int end = Math.Min(source.Length, maxSize);
        for (int i = 0; i < end; i++)
        {
            byte next = source[i];
            value |= (ulong)(next & 0x7f) << (7 * i);
            if (next < 0x80)
            {
                // The tenth byte of a 64-bit number has room for one bit only.
                return i == 9 && next > 1 ? -1 : i + 1;
            }
        }

        return source.Length >= maxSize ? -1 : 0;
    }
}
