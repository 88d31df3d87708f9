using System.Buffers;
using System.Globalization;
using Milena.Kafka.Compression.Tests.Support;

namespace Milena.Kafka.Compression.Tests.Zstandard;

public class ZstdCodecTests
{
    private static readonly ZstdCodec Codec = new();
    private static readonly int[] Levels = [-131072, -100, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 15, 19, 22];

    [Test]
    public void Every_level_gives_back_what_it_took([Values] CorpusKind kind, [ValueSource(nameof(Levels))] int level)
    {
        foreach (int size in new[] { 0, 1, 7, 63, 255, 256, 1000, 20_000, 131_072, 131_073, 400_000 })
        {
            byte[] bytes = Corpus.Create(kind, size, size + 1);
            Assert.That(Codec.Decompress(Codec.Compress(bytes, level), size), Is.EqualTo(bytes), $"{size} bytes");
        }
    }

    [TestCase(-131073)]
    [TestCase(23)]
    public void A_level_out_of_range_is_refused(int level)
    {
        Assert.That(
            () => Codec.Compress([1], level),
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Property("ParamName").EqualTo("level").And.Message.Contains(level.ToString(CultureInfo.InvariantCulture)));
    }

    [Test]
    public void The_default_level_is_3()
    {
        byte[] bytes = Corpus.Create(CorpusKind.Text, 50_000);

        Assert.That(Codec.Compress(bytes), Is.EqualTo(Codec.Compress(bytes, 3)));
        Assert.That(Codec.Compress(bytes, 0), Is.EqualTo(Codec.Compress(bytes, 3)));
    }

    [Test]
    public void Higher_levels_give_smaller_streams()
    {
        byte[] bytes = Corpus.Create(CorpusKind.Json, 1 << 20);
        int[] sizes = [.. new[] { -50, -1, 1, 3, 6, 9, 16 }.Select(level => Codec.Compress(bytes, level).Length)];

        Assert.That(sizes, Is.Ordered.Descending);
    }

    [Test]
    public void Segments_are_compressed_as_one_stream()
    {
        byte[] bytes = Corpus.Create(CorpusKind.Json, 70_000);
        var output = new ArrayBufferWriter<byte>();
        Codec.Compress(CodecRun.InSegments(bytes, 999), output);

        Assert.That(output.WrittenSpan.ToArray(), Is.EqualTo(Codec.Compress(bytes)));
    }

    [Test]
    public void Frames_carry_what_was_asked_for([Values] bool contentSize, [Values] bool checksum, [Values(0, 5, 255, 256, 70_000, 3_000_000)] int size)
    {
        var codec = new ZstdCodec { WritesContentSize = contentSize, WritesChecksum = checksum };
        byte[] bytes = Corpus.Create(CorpusKind.Json, size);
        byte[] stream = codec.Compress(bytes, 1);

        Assert.That((stream[4] & 0x20) != 0 || stream[4] >> 6 != 0, Is.EqualTo(contentSize));
        Assert.That((stream[4] & 0x04) != 0, Is.EqualTo(checksum));
        Assert.That(Codec.Decompress(stream, size), Is.EqualTo(bytes));
    }

    [Test]
    public void Content_larger_than_the_window_reaches_back_no_further()
    {
        // Level -1 has a window of 512 KiB; what repeats after 600 KiB is out of its reach.
        byte[] half = Corpus.Create(CorpusKind.Noise, 600_000);
        byte[] bytes = [.. half, .. half];
        byte[] stream = Codec.Compress(bytes, -1);

        Assert.That(stream, Has.Length.GreaterThan(bytes.Length));
        Assert.That(Codec.Decompress(stream), Is.EqualTo(bytes));
        Assert.That(Codec.Compress(bytes, 3), Has.Length.LessThan(620_000));
    }

    [Test]
    public void The_limit_may_be_exactly_the_size([Values] CorpusKind kind, [Values(1, 20, 1000, 200_000)] int size, [Values] bool contentSize)
    {
        byte[] bytes = Corpus.Create(kind, size);
        byte[] stream = new ZstdCodec { WritesContentSize = contentSize }.Compress(bytes);
        using var output = new GuardedWriter(size);
        Codec.Decompress(stream, output, size);

        Assert.That(output.WrittenSpan.SequenceEqual(bytes));
        Assert.That(
            () => Codec.Decompress(stream, size - 1),
            Throws.InstanceOf<InvalidDataException>().With.Message.Contains(string.Create(CultureInfo.InvariantCulture, $"{size - 1:N0} bytes")));
    }

    [Test]
    public void Calls_allocate_nothing_once_warm([Values(1, 3, 7)] int level, [Values] bool contentSize)
    {
        var codec = new ZstdCodec { WritesContentSize = contentSize };
        byte[] bytes = Corpus.Create(CorpusKind.Json, 300_000);
        var sequence = new ReadOnlySequence<byte>(bytes);
        var compressed = new ArrayBufferWriter<byte>(400_000);
        var decompressed = new ArrayBufferWriter<byte>(600_000);
        Assert.That(Allocations.OfCall(Round), Is.Zero);

        void Round()
        {
            compressed.ResetWrittenCount();
            decompressed.ResetWrittenCount();
            codec.Compress(sequence, compressed, level);
            codec.Decompress(compressed.WrittenMemory, decompressed, bytes.Length);
        }
    }

    [Test]
    [CancelAfter(60_000)]
    public void Many_threads_share_one_codec(CancellationToken cancellationToken)
    {
        CorpusInput[] inputs = [.. Corpus.Inputs(400, 11).Where(static input => input.Size < 100_000)];

        Parallel.ForEach(inputs, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancellationToken }, input =>
        {
            byte[] content = Codec.Decompress(Codec.Compress(input.Bytes, input.Seed % 8), input.Size);
            if (!content.AsSpan().SequenceEqual(input.Bytes))
            {
                throw new InvalidOperationException($"{input} came back changed.");
            }
        });
    }

    [Test]
    public void No_workspace_outlives_its_places()
    {
        // A finder keeps its table; what an input left behind must not be taken for a place of the next.
        byte[] first = Corpus.Create(CorpusKind.Text, 90_000, 1);
        byte[] second = Corpus.Create(CorpusKind.Text, 90_000, 2);
        foreach (int level in new[] { 1, 3, 7 })
        {
            byte[] alone = Codec.Compress(second, level);
            Codec.Compress(first, level);
            Assert.That(Codec.Compress(second, level), Is.EqualTo(alone));
        }
    }
}
