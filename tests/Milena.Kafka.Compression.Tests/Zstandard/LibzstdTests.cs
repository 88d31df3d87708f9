using Milena.Kafka.Compression.Tests.Support;

namespace Milena.Kafka.Compression.Tests.Zstandard;

/// <summary>Beside the C library, in both directions.</summary>
public class LibzstdTests
{
    private static readonly ZstdCodec Codec = new();

    [Test]
    [CancelAfter(300_000)]
    public void Random_inputs_pass_in_both_directions([Range(1, 4)] int seed, CancellationToken cancellationToken)
    {
        using Libzstd library = Libzstd.Open();
        foreach (CorpusInput input in Corpus.Inputs(5000, seed))
        {
            cancellationToken.ThrowIfCancellationRequested();
            int level = ChooseLevel(input);
            byte[] theirs = library.Compress(input.Bytes, level);
            byte[] ours = Codec.Compress(input.Bytes, level);
            if (!Codec.Decompress(theirs, input.Size).AsSpan().SequenceEqual(input.Bytes))
            {
                Assert.Fail($"{input}: we read level {level} of libzstd wrong.");
            }

            if (library.TryDecompress(ours, input.Size) is not { } content || !content.AsSpan().SequenceEqual(input.Bytes))
            {
                Assert.Fail($"{input}: libzstd does not read what level {level} wrote.");
            }
        }
    }

    [Test]
    public void Streams_are_as_small_as_those_of_libzstd(
        [Values] CorpusKind kind, [Values(32 * 1024, 1024 * 1024)] int size, [Values(1, 3)] int level)
    {
        using Libzstd library = Libzstd.Open();
        byte[] bytes = Corpus.Create(kind, size);

        Assert.That(Codec.Compress(bytes, level).Length, Is.LessThanOrEqualTo(library.Compress(bytes, level).Length * 1.05));
    }

    // High levels take the C library long; large inputs get the low ones.
    private static int ChooseLevel(CorpusInput input)
    {
        int level = (int)((uint)input.Seed % 26) - 3;
        return input.Size > 16 * 1024 ? Math.Min(level, 3 + (level % 3)) : level;
    }
}
