using Milena.Kafka.Compression.Tests.Support;

namespace Milena.Kafka.Compression.Tests.Zstandard;

public class ZstdCorruptTests
{
    private const int Limit = 64 * 1024;

    private static readonly ZstdCodec Codec = new();
    private static readonly ZstdCodec Streaming = new() { WritesContentSize = false, WritesChecksum = true };

    [Test]
    public void Every_truncation_is_corrupt([Values] CorpusKind kind, [Values] bool streaming)
    {
        byte[] stream = (streaming ? Streaming : Codec).Compress(Corpus.Create(kind, 6000), 3);

        Mutations.EveryTruncationIsCorrupt(Codec, stream, Limit);
    }

    [Test]
    public void Every_truncation_of_many_blocks_is_corrupt([Values] CorpusKind kind)
    {
        Mutations.EveryTruncationIsCorrupt(Codec, SmallWindow.Compress(Corpus.Create(kind, 10_000), 3), Limit);
    }

    [Test]
    public void A_cut_between_frames_leaves_whole_frames()
    {
        byte[] first = Codec.Compress(Corpus.Create(CorpusKind.Text, 500));
        byte[] second = Streaming.Compress(Corpus.Create(CorpusKind.Json, 700));

        Mutations.EveryTruncationIsCorrupt(Codec, [.. first, .. ZstdFrame.Skippable(1, 2, 3), .. second], Limit, length => length == first.Length || length == first.Length + 10);
    }

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    [TestCase(4)]
    [CancelAfter(120_000)]
    public void Mutations_end_in_the_one_exception(int seed, CancellationToken cancellationToken)
    {
        int corrupt = Mutations.Run(Codec, Streams(), 50_000, Limit, seed, cancellationToken);

        Assert.That(corrupt, Is.GreaterThan(20_000));
    }

    [Test]
    [CancelAfter(120_000)]
    public void What_we_take_libzstd_takes_with_the_same_content(CancellationToken cancellationToken)
    {
        using Libzstd library = Libzstd.Open();
        List<byte[]> streams = Streams();
        var random = new Random(5);
        int taken = 0;
        for (int i = 0; i < 20_000; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            byte[] stream = [.. streams[random.Next(streams.Count)]];
            stream[random.Next(stream.Length)] ^= (byte)(1 << random.Next(8));
            if (TryDecompress(stream) is { } content)
            {
                // The other way round does not hold: some versions take Huffman streams with bits left over.
                taken++;
                Assert.That(library.TryDecompress(stream, Limit), Is.EqualTo(content), () => $"mutation {i}: {Convert.ToHexString(stream)}");
            }
        }

        Assert.That(taken, Is.GreaterThan(500));
    }

    private static byte[]? TryDecompress(byte[] stream)
    {
        try
        {
            return Codec.Decompress(stream, Limit);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    // Of every kind and level, small enough that a change hits something that matters.
    private static List<byte[]> Streams()
    {
        var streams = new List<byte[]>();
        foreach (CorpusKind kind in Enum.GetValues<CorpusKind>())
        {
            foreach (int size in new[] { 0, 30, 300, 1500, 5000 })
            {
                streams.Add(Codec.Compress(Corpus.Create(kind, size, size), 1 + (size % 7)));
                streams.Add(Streaming.Compress(Corpus.Create(kind, size, size + 1), 3));
            }
        }

        foreach (int level in new[] { 1, 3, 7 })
        {
            streams.Add(SmallWindow.Compress(Corpus.Create(CorpusKind.Text, 6000, level), level));
            streams.Add(SmallWindow.Compress(Corpus.Create(CorpusKind.Json, 6000, level), level));
        }

        streams.Add([.. streams[3], .. ZstdFrame.Skippable(2, 1, 2, 3), .. streams[4]]);
        streams.Add(ZstdFrame.WithWindow().Raw("0123456789"u8).OneSequence("a", 1, 3, 0, 0b1010).OneSequence("b", 1, 1, 0, 0b11).Rle(7, 1000).End());
        return streams;
    }
}
