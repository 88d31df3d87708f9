namespace Milena.Kafka.Compression.Tests.Support;

public class SupportTests
{
    [Test]
    public void The_same_seed_gives_the_same_bytes([Values] CorpusKind kind)
    {
        byte[] bytes = Corpus.Create(kind, 5000, 3);

        Assert.That(Corpus.Create(kind, 5000, 3), Is.EqualTo(bytes));
        Assert.That(Corpus.Create(kind, 5000, 4), Is.Not.EqualTo(bytes));
    }

    [Test]
    public void Segments_hold_the_bytes_in_order()
    {
        byte[] bytes = Corpus.Create(CorpusKind.Noise, 1000);

        Assert.That(System.Buffers.BuffersExtensions.ToArray(CodecRun.InSegments(bytes, 7)), Is.EqualTo(bytes));
    }
}
