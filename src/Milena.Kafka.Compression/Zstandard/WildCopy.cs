using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Milena.Kafka.Compression.Zstandard;

/// <summary>Copies that write a little more than asked, which costs less than stopping exactly.</summary>
internal static class WildCopy
{
    /// <summary>The most bytes that a copy reads or writes behind its end.</summary>
    public const int Excess = 32;

    private const int Step = 16;

    /// <summary>Copies from memory that does not overlap the target, or lies at least 16 bytes before it.</summary>
    /// <remarks>Bound: both must have <see cref="Excess"/> more bytes behind <paramref name="count"/>.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Copy(ref byte source, ref byte target, int count)
    {
        Vector128.StoreUnsafe(Vector128.LoadUnsafe(ref source), ref target);
        if (count > Step)
        {
            CopyRest(ref source, ref target, count);
        }
    }

    /// <summary>Repeats the last <paramref name="offset"/> bytes before the target, fewer than 16.</summary>
    /// <remarks>Bound: the target must have <see cref="Excess"/> more bytes behind <paramref name="count"/>.</remarks>
    public static void Repeat(ref byte target, int offset, int count)
    {
        ref byte source = ref Unsafe.Subtract(ref target, offset);
        if (offset == 1)
        {
            Unsafe.InitBlockUnaligned(ref target, source, (uint)count);
            return;
        }

        // What is copied doubles the period until eight bytes at once are from the past only.
        int distance = offset;
        int done = 0;
        while (distance < sizeof(ulong))
        {
            CopyWord(ref source, ref Unsafe.Add(ref target, done));
            done += distance;
            distance *= 2;
        }

        for (; done < count; done += sizeof(ulong))
        {
            CopyWord(ref Unsafe.Add(ref target, done - distance), ref Unsafe.Add(ref target, done));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CopyRest(ref byte source, ref byte target, int count)
    {
        nint done = Step;
        do
        {
            Vector128.StoreUnsafe(Vector128.LoadUnsafe(ref source, (nuint)done), ref target, (nuint)done);
            done += Step;
        }
        while (done < count);
    }

    private static void CopyWord(ref byte source, ref byte target) =>
        Unsafe.WriteUnaligned(ref target, Unsafe.ReadUnaligned<ulong>(ref source));
}
