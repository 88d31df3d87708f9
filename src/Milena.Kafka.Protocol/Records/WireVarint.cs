using System.Runtime.CompilerServices;

namespace Milena.Kafka.Protocol.Records;

/// <summary>Reads zigzag varints one after the other, the short ones without a call.</summary>
internal static class WireVarint
{
    /// <summary>Reads a varint and moves past it.</summary>
    /// <returns><see langword="false"/> if the bytes end too early or the number has too many bits.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryRead(ReadOnlySpan<byte> source, ref int position, out int value)
    {
        int at = position;
        if ((uint)at < (uint)source.Length && source[at] < 0x80)
        {
            value = Varint.UnZigZag((uint)source[at]);
            position = at + 1;
            return true;
        }

        return TryReadLong(source, ref position, out value);
    }

    /// <summary>Reads a varlong and moves past it.</summary>
    /// <returns><see langword="false"/> if the bytes end too early or the number has too many bits.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryRead(ReadOnlySpan<byte> source, ref int position, out long value)
    {
        int at = position;
        if ((uint)at < (uint)source.Length && source[at] < 0x80)
        {
            value = Varint.UnZigZag((ulong)source[at]);
            position = at + 1;
            return true;
        }

        return TryReadLong(source, ref position, out value);
    }

    private static bool TryReadLong(ReadOnlySpan<byte> source, ref int position, out int value)
    {
        int at = position;
        if (at + 1 < source.Length && source[at + 1] < 0x80)
        {
            value = Varint.UnZigZag((uint)((source[at] & 0x7f) | (source[at + 1] << 7)));
            position = at + 2;
            return true;
        }

        int size = Varint.TryReadUnsigned(source[at..], out uint raw);
        value = Varint.UnZigZag(raw);
        position += Math.Max(size, 0);
        return size > 0;
    }

    private static bool TryReadLong(ReadOnlySpan<byte> source, ref int position, out long value)
    {
        int size = Varint.TryReadUnsigned(source[position..], out ulong raw);
        value = Varint.UnZigZag(raw);
        position += Math.Max(size, 0);
        return size > 0;
    }
}
