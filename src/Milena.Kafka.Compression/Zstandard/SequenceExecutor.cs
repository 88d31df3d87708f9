using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Milena.Kafka.Compression.Zstandard;

/// <summary>Reads sequences and carries them out: so many literals, then so many bytes from so far back. The hot loop of decoding.</summary>
internal readonly ref struct SequenceExecutor(SequenceTable literalLengths, SequenceTable offsets, SequenceTable matchLengths)
{
    // A read yields 57 bits at least. Three states take 9 + 8 + 9 of them at most, which leaves this for a sequence's extra bits.
    private const int ExtraBitsPerRead = 31;

    private const int WordBits = 64;

    /// <summary>Decodes a block's sequences; the literals left over follow the last one.</summary>
    /// <returns>Bytes of content after the block.</returns>
    public int Run(SequenceStream sequences, ref RepeatOffsets repeats, ReadOnlySpan<byte> literals, BlockTarget target)
    {
        // Bound of reads from the stream: each reload checks that bits are left, and then begins at most eight bytes before the
        // stream. They are inside the input, see HuffmanStreams. Bound of the tables: no state leads out of its table.
        int start = sequences.Start;
        ref byte stream = ref Unsafe.Add(ref MemoryMarshal.GetReference(sequences.Source), start);
        ref SequenceSymbol literalStates = ref literalLengths.First;
        ref SequenceSymbol offsetStates = ref offsets.First;
        ref SequenceSymbol matchStates = ref matchLengths.First;

        int total = BackwardBitReader.CountBits(sequences.Source, start, sequences.End);
        int word = ((total + 7) >> 3) - sizeof(ulong);
        int have = WordBits - (-total & 7);
        ulong bits = ReadWord(ref stream, word);
        nint literalState = (nint)Take(bits, ref have, literalLengths.Log);
        nint offsetState = (nint)Take(bits, ref have, offsets.Log);
        nint matchState = (nint)Take(bits, ref have, matchLengths.Log);

        RepeatOffsets recent = repeats;
        int count = sequences.Count;
        Span<byte> output = target.Output;
        ref byte content = ref MemoryMarshal.GetReference(output);
        ref byte literal = ref MemoryMarshal.GetReference(literals);
        int literalsLeft = literals.Length;
        int position = target.Written;
        int limit = position + target.Room;
        int wildLimit = output.Length - WildCopy.Excess;
        while (true)
        {
            bits = Reload(ref stream, ref word, ref have, start);
            SequenceSymbol literalSymbol = Unsafe.Add(ref literalStates, literalState);
            SequenceSymbol offsetSymbol = Unsafe.Add(ref offsetStates, offsetState);
            SequenceSymbol matchSymbol = Unsafe.Add(ref matchStates, matchState);

            uint offset = offsetSymbol.Baseline + (uint)Take(bits, ref have, offsetSymbol.ExtraBits);
            int literalLength = (int)literalSymbol.Baseline;
            int matchLength = (int)matchSymbol.Baseline;
            if (offsetSymbol.ExtraBits + matchSymbol.ExtraBits + literalSymbol.ExtraBits > ExtraBitsPerRead)
            {
                bits = Reload(ref stream, ref word, ref have, start);
                matchLength += (int)Take(bits, ref have, matchSymbol.ExtraBits);
                literalLength += (int)Take(bits, ref have, literalSymbol.ExtraBits);
                bits = Reload(ref stream, ref word, ref have, start);
            }
            else
            {
                matchLength += (int)Take(bits, ref have, matchSymbol.ExtraBits);
                literalLength += (int)Take(bits, ref have, literalSymbol.ExtraBits);
            }

            if (offsetSymbol.ExtraBits > 1)
            {
                offset -= 3;
                recent.Third = recent.Second;
                recent.Second = recent.First;
                recent.First = offset;
            }
            else
            {
                offset = Repeat(ref recent, offset, literalLength);
            }

            bool isLast = --count == 0;
            if (!isLast)
            {
                literalState = literalSymbol.NextState + (nint)Take(bits, ref have, literalSymbol.StateBits);
                matchState = matchSymbol.NextState + (nint)Take(bits, ref have, matchSymbol.StateBits);
                offsetState = offsetSymbol.NextState + (nint)Take(bits, ref have, offsetSymbol.StateBits);
            }

            int matchStart = position + literalLength;
            if (literalLength > literalsLeft || literalLength + matchLength > limit - position || offset - 1 >= (uint)matchStart)
            {
                ThrowSequence(start, literalLength, literalsLeft, matchLength, limit - position, offset);
            }

            if (matchStart + matchLength <= wildLimit)
            {
                // Bound: checked right above, for the literals and for what the match takes and gives.
                WildCopy.Copy(ref literal, ref Unsafe.Add(ref content, position), literalLength);
                ref byte match = ref Unsafe.Add(ref content, matchStart);
                if (offset >= 16)
                {
                    WildCopy.Copy(ref Unsafe.Subtract(ref match, (nint)offset), ref match, matchLength);
                }
                else
                {
                    WildCopy.Repeat(ref match, (int)offset, matchLength);
                }
            }
            else
            {
                CopyExactly(literals.Slice(literals.Length - literalsLeft, literalLength), output, position, (int)offset, matchLength);
            }

            literal = ref Unsafe.Add(ref literal, literalLength);
            literalsLeft -= literalLength;
            position = matchStart + matchLength;
            if (isLast)
            {
                break;
            }
        }

        if ((word * 8) + have != 0)
        {
            Corrupt.Throw(start, "a bit stream that does not end with its sequences");
        }

        repeats = recent;
        return AppendLiterals(literals[^literalsLeft..], output, position, limit, start);
    }

    private static int AppendLiterals(ReadOnlySpan<byte> rest, Span<byte> output, int position, int limit, int start)
    {
        if (rest.Length > limit - position)
        {
            Corrupt.Throw(start, "a block that gives more than it may");
        }

        rest.CopyTo(output[position..]);
        return position + rest.Length;
    }

    private static void CopyExactly(ReadOnlySpan<byte> literals, Span<byte> output, int position, int offset, int matchLength)
    {
        literals.CopyTo(output[position..]);
        position += literals.Length;
        for (int i = position; i < position + matchLength; i++)
        {
            output[i] = output[i - offset];
        }
    }

    // Numbers 1 to 3 name the latest offsets; after no literals the first is of no use, so that they name the next ones.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Repeat(ref RepeatOffsets recent, uint number, int literalLength)
    {
        uint index = literalLength == 0 ? number + 1 : number;
        if (index == 1)
        {
            return recent.First;
        }

        uint offset = index == 2 ? recent.Second : index == 3 ? recent.Third : recent.First - 1;
        if (index != 2)
        {
            recent.Third = recent.Second;
        }

        recent.Second = recent.First;
        recent.First = offset;
        return offset;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Take(ulong bits, ref int have, int count)
    {
        have -= count;
        return (bits >> have) & ((1UL << count) - 1);
    }

    // Moves the word down to the byte of the next bit.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Reload(ref byte stream, ref int word, ref int have, int start)
    {
        int used = (WordBits - have) >> 3;
        word -= used;
        have += used * 8;
        if ((word * 8) + have < 0)
        {
            Corrupt.Throw(start, "a bit stream that ends before its sequences");
        }

        return ReadWord(ref stream, word);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong ReadWord(ref byte stream, int position)
    {
        ulong word = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref stream, position));
        return BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word);
    }

    [DoesNotReturn]
    private static void ThrowSequence(int start, int literalLength, int literalsLeft, int matchLength, int room, uint offset) => Corrupt.Throw(
        start,
        literalLength > literalsLeft ? $"a sequence of {literalLength:N0} literals where {literalsLeft:N0} are left"
        : literalLength + matchLength > room ? $"a sequence of {literalLength + matchLength:N0} bytes where the block has room for {room:N0}"
        : $"a match that begins {offset:N0} bytes back, before the frame");
}
