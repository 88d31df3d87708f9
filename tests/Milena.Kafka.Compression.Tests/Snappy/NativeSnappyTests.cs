using Milena.Kafka.Compression.Tests.Support;

namespace Milena.Kafka.Compression.Tests.Snappy;

/// <summary>Both directions against libsnappy.</summary>
public class NativeSnappyTests
{
    private static readonly SnappyCodec Codec = new(SnappyFormat.Raw);

    [OneTimeSetUp]
    public void Find() => NativeSnappy.IgnoreIfMissing();

    [Test]
    [CancelAfter(60_000)]
    public void Each_reads_what_the_other_wrote(CancellationToken cancellationToken)
    {
        long ours = 0;
        long theirs = 0;
        foreach (CorpusInput input in Corpus.Inputs(3000, seed: 21))
        {
            cancellationToken.ThrowIfCancellationRequested();
            byte[] native = NativeSnappy.Compress(input.Bytes);
            byte[] managed = Codec.Compress(input.Bytes);
            ours += managed.Length;
            theirs += native.Length;

            Assert.That(Codec.Decompress(native).AsSpan().SequenceEqual(input.Bytes), $"{input}: theirs is not read");
            Assert.That(NativeSnappy.Decompress(managed).AsSpan().SequenceEqual(input.Bytes), $"{input}: ours is not read");
        }

        Assert.That(ours, Is.LessThan(theirs * 1.02), "compresses less than libsnappy");
    }
}
