using System.Globalization;
using System.Text;
using Milena.Kafka.Compression.Tests.Support;

namespace Milena.Kafka.Compression.Tests.Gzip;

public class GzipCodecTests : CodecFixture
{
    private const string Head = "1f8b0800" + "00000000" + "00ff";
    private const string Hello = "cb48cdc9c90700" + "86a61036" + "05000000";

    protected override ICompressionCodec Codec { get; } = new GzipCodec();

    protected override int?[] Levels => [null, 1, 2, 3, 4, 5, 6, 7, 8, 9, -1];

    protected override int Seed => 300;

    // zlib looks for matches in what it has been given so far.
    protected override bool IgnoresSegments => false;

    // The runtime has no gzip but as a stream, which is an object.
    protected override int AllocatedPerCall => 500;

    // By hand from RFC 1952.
    [TestCase(Head + Hello, "hello", TestName = "A member")]
    [TestCase(Head + "0300" + "00000000" + "00000000", "", TestName = "A member of nothing")]
    [TestCase(Head + "010500faff68656c6c6f" + "86a61036" + "05000000", "hello", TestName = "A stored block")]
    [TestCase(Head + Hello + Head + Hello, "hellohello", TestName = "Two members")]
    [TestCase(Head + "0300" + "00000000" + "00000000" + Head + Hello, "hello", TestName = "A member of nothing and a member")]
    [TestCase("1f8b0801" + "00000000" + "00ff" + Hello, "hello", TestName = "The mark of text")]
    [TestCase("1f8b0804" + "00000000" + "00ff" + "0600" + "414202007879" + Hello, "hello", TestName = "An extra field")]
    [TestCase("1f8b0808" + "4d5e2a65" + "0203" + "612e747874" + "00" + Hello, "hello", TestName = "A file name")]
    [TestCase("1f8b0810" + "00000000" + "00ff" + "6e6f7465" + "00" + Hello, "hello", TestName = "A comment")]
    [TestCase("1f8b0802" + "00000000" + "00ff" + "ffff" + Hello, null, TestName = "A wrong checksum of the head")]
    [TestCase("1f8b0820" + "00000000" + "00ff" + Hello, null, TestName = "A flag that is not known")]
    [TestCase("1f8b0700" + "00000000" + "00ff" + Hello, null, TestName = "A method that is not deflate")]
    [TestCase("1f8c0800" + "00000000" + "00ff" + Hello, null, TestName = "No magic")]
    [TestCase(Head + "cb48cdc9c90700" + "86a61037" + "05000000", null, TestName = "A wrong checksum")]
    [TestCase(Head + "cb48cdc9c90700" + "86a61036" + "06000000", null, TestName = "A wrong size")]
    [TestCase(Head + "010500faee68656c6c6f" + "86a61036" + "05000000", null, TestName = "A stored block with a wrong length")]
    [TestCase(Head + "07" + "86a61036" + "05000000", null, TestName = "A block type that is not known")]
    [TestCase(Head + Hello + "00", null, TestName = "A byte too many")]
    [TestCase(Head + Hello + "1f8b", null, TestName = "A second head that is cut off")]
    [TestCase(Head + Hello + "68656c6c6f", null, TestName = "A member and something else")]
    [TestCase("789ccb48cdc9c90700062c0215", null, TestName = "A zlib stream")]
    [TestCase("cb48cdc9c90700", null, TestName = "Bare deflate")]
    [TestCase("", null, TestName = "No bytes")]
    public void Streams_of_the_format_are_read(string stream, string? expected)
    {
        byte[] bytes = Convert.FromHexString(stream);
        if (expected is null)
        {
            Assert.That(() => Codec.Decompress(bytes), Throws.TypeOf<InvalidDataException>().With.Message.Contains("gzip").And.Message.Contains("at byte"));
            return;
        }

        Assert.That(Encoding.ASCII.GetString(Codec.Decompress(bytes)), Is.EqualTo(expected));
    }

    [Test]
    public void Several_members_give_the_bytes_of_all([Values(1, 6, 9)] int level)
    {
        byte[] first = Corpus.Create(CorpusKind.Text, 500);
        byte[] second = Corpus.Create(CorpusKind.Json, 70_000);

        byte[] stream = [.. Codec.Compress(first, level), .. Codec.Compress([], level), .. Codec.Compress(second, level)];

        Assert.That(Codec.Decompress(stream, 70_500), Is.EqualTo((byte[])[.. first, .. second]));
        Assert.That(() => Codec.Decompress(stream, 70_499), Throws.TypeOf<InvalidDataException>().With.Message.Contains("70,499"));
    }

    [Test]
    [CancelAfter(60_000)]
    public void Members_of_every_size_around_the_blocks_of_the_stream_are_found()
    {
        byte[] second = Corpus.Create(CorpusKind.Text, 100);
        byte[] secondMember = Codec.Compress(second);
        foreach (int size in Enumerable.Range(8100, 200).Concat(Enumerable.Range(16_300, 200)))
        {
            byte[] first = Corpus.Create(CorpusKind.Noise, size, size);

            Assert.That(Codec.Decompress([.. Codec.Compress(first), .. secondMember], 20_000).AsSpan().SequenceEqual((byte[])[.. first, .. second]), $"{size} bytes");
        }
    }

    [TestCase(0)]
    [TestCase(10)]
    [TestCase(-2)]
    public void A_level_that_gzip_does_not_have_is_refused(int level)
    {
        Assert.That(
            () => Codec.Compress([1], level),
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Property("ParamName").EqualTo("level").And.Message.Contains(level.ToString(CultureInfo.InvariantCulture)));
        Assert.That(() => Codec.Compress([], level), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void The_default_level_is_6()
    {
        byte[] bytes = Corpus.Create(CorpusKind.Json, 100_000);

        Assert.That(Codec.Compress(bytes), Is.EqualTo(Codec.Compress(bytes, 6)));
        Assert.That(Codec.Compress(bytes, -1), Is.EqualTo(Codec.Compress(bytes, 6)));
    }

    [Test]
    public void Higher_levels_give_fewer_bytes_than_the_first([Values(CorpusKind.Json, CorpusKind.Text)] CorpusKind kind)
    {
        byte[] bytes = Corpus.Create(kind, 300_000);
        int[] sizes = [.. new[] { 4, 6, 9 }.Select(level => Codec.Compress(bytes, level).Length)];

        Assert.That(sizes, Is.All.LessThan(Codec.Compress(bytes, 1).Length));
    }

    [Test]
    public void A_bomb_asks_for_no_more_than_the_limit([Values(0, 1, 100, 100_000)] int limit)
    {
        byte[] bomb = Codec.Compress(new byte[50_000_000], 9);
        using var output = new GuardedWriter(limit);

        Assert.That(
            () => Codec.Decompress(bomb, output, limit),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains($"{limit.ToString("N0", CultureInfo.InvariantCulture)} bytes"));
        Assert.That(output.MostAsked, Is.LessThanOrEqualTo(Math.Max(limit, 1)));
    }

    [Test]
    [CancelAfter(60_000)]
    public void Every_truncation_is_corrupt([Values] CorpusKind kind)
    {
        Mutations.EveryTruncationIsCorrupt(Codec, Codec.Compress(Corpus.Create(kind, 20_000)), 20_000);
    }

    [Test]
    [CancelAfter(60_000)]
    public void Every_truncation_between_members_leaves_whole_members()
    {
        byte[] first = Codec.Compress(Corpus.Create(CorpusKind.Text, 500));
        byte[] second = Codec.Compress(Corpus.Create(CorpusKind.Noise, 700));

        Mutations.EveryTruncationIsCorrupt(Codec, [.. first, .. second], 2000, length => length == first.Length);
    }

    // What once told the decoder that all was whole. Content may look like anything.
    [Test]
    public void What_the_content_ends_with_says_nothing_about_the_stream()
    {
        byte[] bytes = "some content, then the end of the stream"u8.ToArray();
        byte[] stream = Codec.Compress(bytes);

        Assert.That(Codec.Decompress(stream), Is.EqualTo(bytes));
        Assert.That(() => Codec.Decompress([.. stream, 0]), Throws.TypeOf<InvalidDataException>());
        Assert.That(() => Codec.Decompress([.. stream, 0x1f, 0x8b]), Throws.TypeOf<InvalidDataException>());
    }

    [Test]
    [CancelAfter(120_000)]
    public void Mutations_give_invalid_data_and_nothing_else([Range(1, 4)] int seed, CancellationToken cancellationToken)
    {
        byte[][] streams =
        [
            .. Corpus.Inputs(400, seed: 5).Where(static input => input.Size is > 0 and < 3000)
                .Select(input => Codec.Compress(input.Bytes, Levels[input.Seed % Levels.Length])),
        ];

        int corrupt = Mutations.Run(Codec, streams, 50_000, 10_000, Seed + seed, cancellationToken);

        Assert.That(corrupt, Is.GreaterThan(40_000), "each member has a checksum");
    }
}
