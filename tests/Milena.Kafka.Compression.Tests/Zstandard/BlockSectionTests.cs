using Milena.Kafka.Compression.Zstandard;

namespace Milena.Kafka.Compression.Tests.Zstandard;

/// <summary>What whole inputs hardly ever lead to: sections of a block, written and read again.</summary>
public class BlockSectionTests
{
    // The decoder reads eight bytes before a stream, which a frame always has.
    private const int Start = HuffmanStreams.BytesBefore;

    [TestCase(1)]
    [TestCase(127)]
    [TestCase(128)]
    [TestCase(0x7EFF)]
    [TestCase(0x7F00)]
    [TestCase(SequenceStore.MaxSequences)]
    public void Every_count_of_sequences_comes_back(int count)
    {
        var random = new Random(count);
        Sequence[] sequences = new Sequence[count];
        for (int i = 0; i < count; i++)
        {
            sequences[i] = new Sequence(0, 4, (uint)random.Next(4, 900));
        }

        RoundTrip(sequences, random);
    }

    [Test]
    public void Sequences_of_every_length_come_back([Range(1, 20)] int seed)
    {
        var random = new Random(seed);
        var sequences = new List<Sequence>();
        int room = BlockHeader.MaxBlockSize;
        while (true)
        {
            int literals = Next(17);
            int match = 4 + Next(17);
            if (literals + match > room)
            {
                break;
            }

            room -= literals + match;
            sequences.Add(new Sequence(literals, match, random.Next(3) == 0 ? 1 + (uint)random.Next(2) : (uint)random.Next(4, 1000)));
        }

        RoundTrip([.. sequences], random);

        int Next(int maxLog) => (int)Math.Pow(2, random.NextDouble() * maxLog * random.NextDouble()) - 1;
    }

    [TestCase(64, 2)]
    [TestCase(100, 4)]
    [TestCase(255, 16)]
    [TestCase(256, 3)]
    [TestCase(1024, 128)]
    [TestCase(16384, 5)]
    [TestCase(60_000, 64)]
    [TestCase(131072, 200)]
    [TestCase(131072, 1)]
    [TestCase(64, 1)]
    public void Literals_of_few_and_many_different_bytes_come_back(int count, int different)
    {
        var random = new Random(count);
        byte[] literals = new byte[count];
        for (int i = 0; i < count; i++)
        {
            literals[i] = (byte)Math.Min(random.Next(different), random.Next(different));
        }

        byte[] target = new byte[Start + count + 1024];
        int end = new LiteralsEncoder().Write(literals, compress: true, target, Start);
        var decoder = new LiteralsDecoder();

        Assert.That(decoder.Decode(target, Start, end, count), Is.EqualTo(end));
        Assert.That(decoder.Literals.SequenceEqual(literals));
        Assert.That(end - Start, Is.LessThan(count));
    }

    // Counts like these give the longest codes there are.
    [Test]
    public void Codes_that_would_become_too_long_are_cut_off()
    {
        var literals = new List<byte>();
        int previous = 1;
        int current = 1;
        for (byte value = 0; literals.Count + current < 100_000; value++)
        {
            literals.AddRange(Enumerable.Repeat(value, current));
            (previous, current) = (current, previous + current);
        }

        byte[] shuffled = [.. literals];
        new Random(1).Shuffle(shuffled);
        byte[] target = new byte[Start + shuffled.Length + 1024];
        int end = new LiteralsEncoder().Write(shuffled, compress: true, target, Start);
        var decoder = new LiteralsDecoder();

        Assert.That(decoder.Decode(target, Start, end, shuffled.Length), Is.EqualTo(end));
        Assert.That(decoder.Literals.SequenceEqual(shuffled));
        Assert.That(end - Start, Is.LessThan(shuffled.Length / 2));
    }

    private static void RoundTrip(Sequence[] sequences, Random random)
    {
        const int Before = 1000;
        byte[] literals = new byte[sequences.Sum(static sequence => sequence.LiteralLength) + 5];
        random.NextBytes(literals);
        byte[] expected = new byte[Before + BlockHeader.MaxBlockSize + literals.Length];
        random.NextBytes(expected.AsSpan(0, Before));
        byte[] actual = [.. expected];
        int length = Execute(sequences, literals, expected, Before);

        byte[] target = new byte[Start + SequencesEncoder.MaxLength];
        int end = new SequencesEncoder().Write(sequences, target, Start);
        var decoder = new SequencesDecoder();
        decoder.StartFrame();
        byte[] padded = [.. literals, .. new byte[LiteralsDecoder.Padding]];
        int written = decoder.Decode(target, Start, end, padded.AsSpan(0, literals.Length), new BlockTarget(actual, Before, length - Before));

        Assert.That(written, Is.EqualTo(length));
        Assert.That(actual.AsSpan(0, written).SequenceEqual(expected.AsSpan(0, length)));
    }

    // As the format describes it, byte by byte.
    private static int Execute(Sequence[] sequences, byte[] literals, byte[] content, int position)
    {
        List<int> recent = [1, 4, 8];
        int literal = 0;
        foreach (Sequence sequence in sequences)
        {
            for (int i = 0; i < sequence.LiteralLength; i++)
            {
                content[position++] = literals[literal++];
            }

            int index = (int)sequence.OffsetNumber - (sequence.LiteralLength == 0 ? 0 : 1);
            int offset = sequence.OffsetNumber > 3 ? (int)sequence.OffsetNumber - 3 : recent[index];
            recent.RemoveAt(sequence.OffsetNumber > 3 ? 2 : index);
            recent.Insert(0, offset);
            for (int i = 0; i < sequence.MatchLength; i++, position++)
            {
                content[position] = content[position - offset];
            }
        }

        literals.AsSpan(literal).CopyTo(content.AsSpan(position));
        return position + literals.Length - literal;
    }
}
