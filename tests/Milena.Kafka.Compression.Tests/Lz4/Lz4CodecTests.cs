using System.Buffers.Binary;
using System.Text;
using Milena.Kafka.Compression.Lz4;
using Milena.Kafka.Compression.Tests.Support;

namespace Milena.Kafka.Compression.Tests.Lz4;

[TestFixtureSource(nameof(Options))]
public class Lz4CodecTests(Lz4FrameOptions options) : CodecFixture
{
    private const string Frame = "04224d18" + "6040" + "82";
    private const string Hello = "05000080" + "68656c6c6f";
    private const string EndMark = "00000000";

    private static readonly Lz4FrameOptions[] Options =
    [
        new(),
        new() { BlockChecksums = true, ContentChecksum = true, ContentSize = true },
        new() { LinkedBlocks = true, ContentChecksum = true },
        new() { LinkedBlocks = true, BlockSize = Lz4BlockSize.Max256KB, BlockChecksums = true, Acceleration = 8 },
        new() { BlockSize = Lz4BlockSize.Max4MB, ContentSize = true },
    ];

    protected override ICompressionCodec Codec { get; } = new Lz4Codec(options);

    protected override int?[] Levels => [null, null, 2, null, 3, null, 9, null, null, null, 12];

    protected override int InputCount => 4000;

    protected override int Seed => 100 + Array.IndexOf(Options, options);

    [TestCase(Frame + EndMark, "", TestName = "A frame of nothing")]
    [TestCase(Frame + Hello + EndMark, "hello", TestName = "A stored block")]
    [TestCase(Frame + "06000000" + "5068656c6c6f" + EndMark, "hello", TestName = "A block of literals")]
    [TestCase(Frame + "0c000000" + "2261620200" + "60616261626162" + EndMark, "abababab" + "ababab", TestName = "An overlapping match")]
    [TestCase(Frame + "0c000000" + "2261620300" + "60616261626162" + EndMark, null, TestName = "A match from before the output")]
    [TestCase(Frame + "0c000000" + "2261620000" + "60616261626162" + EndMark, null, TestName = "A match of offset 0")]
    [TestCase(Frame + "05000000" + "2261620200" + EndMark, null, TestName = "A block that ends with a match")]
    [TestCase(Frame + Hello + EndMark + Frame + Hello + EndMark, "hellohello", TestName = "Two frames")]
    [TestCase("50 2a4d18 03000000 010203" + Frame + Hello + EndMark, "hello", TestName = "A skippable frame and a frame")]
    [TestCase("5f2a4d18 00000000", "", TestName = "A skippable frame alone")]
    [TestCase("5f2a4d18 01000000", null, TestName = "A skippable frame that is cut off")]
    [TestCase(Frame + Hello, null, TestName = "No end mark")]
    [TestCase(Frame + Hello + EndMark + "00", null, TestName = "A byte too many")]
    [TestCase("04224d18" + "6040" + "83" + Hello + EndMark, null, TestName = "A wrong checksum of the head")]
    [TestCase("04224d18" + "2040" + "82" + Hello + EndMark, null, TestName = "A version that is not known")]
    [TestCase("04224d18" + "6030" + "82" + Hello + EndMark, null, TestName = "A block size that is not known")]
    [TestCase(Frame + "01000180" + EndMark, null, TestName = "A block larger than the head allows")]
    [TestCase("02214c18" + "06000000" + "5068656c6c6f", null, TestName = "The legacy format")]
    [TestCase("", null, TestName = "No bytes")]
    public void Streams_of_the_format_are_read(string stream, string? expected)
    {
        byte[] bytes = Convert.FromHexString(stream.Replace(" ", "", StringComparison.Ordinal));
        if (expected is null)
        {
            Assert.That(() => Codec.Decompress(bytes), Throws.TypeOf<InvalidDataException>().With.Message.Contains("lz4").And.Message.Contains("byte"));
            return;
        }

        Assert.That(Encoding.ASCII.GetString(Codec.Decompress(bytes)), Is.EqualTo(expected));
    }

    [Test]
    public void A_dictionary_is_refused_by_its_number()
    {
        byte[] stream = [.. Convert.FromHexString("04224d18" + "6140" + "2a000000" + "00"), .. Convert.FromHexString(Hello + EndMark)];
        stream[10] = (byte)(XxHash32.Compute(stream.AsSpan(4, 6)) >> 8);

        Assert.That(() => Codec.Decompress(stream), Throws.TypeOf<InvalidDataException>().With.Message.Contains("dictionary 42"));
    }

    [TestCase(0xfffffffffffffffful)]
    [TestCase(0x7fffffffful)]
    [TestCase(1276ul)]
    [TestCase(4ul)]
    public void A_claimed_size_is_held_against_the_blocks_before_memory_is_taken(ulong claimed)
    {
        byte[] stream = [.. Convert.FromHexString("04224d18" + "6840"), .. new byte[9], .. Convert.FromHexString(Hello + EndMark)];
        BinaryPrimitives.WriteUInt64LittleEndian(stream.AsSpan(6), claimed);
        stream[14] = (byte)(XxHash32.Compute(stream.AsSpan(4, 10)) >> 8);
        using var output = new GuardedWriter(1 << 20);

        Assert.That(() => Codec.Decompress(stream, output, int.MaxValue), Throws.TypeOf<InvalidDataException>());
        Assert.That(output.MostAsked, Is.LessThanOrEqualTo(5));
    }

    [TestCase(0)]
    [TestCase(18)]
    [TestCase(-1)]
    public void A_level_that_LZ4_does_not_have_is_refused(int level)
    {
        Assert.That(() => Codec.Compress([1], level), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void A_higher_level_gives_fewer_bytes([Values(CorpusKind.Json, CorpusKind.Text)] CorpusKind kind)
    {
        byte[] bytes = Corpus.Create(kind, 300_000);
        int[] sizes = [.. new[] { 1, 3, 6, 9, 12 }.Select(level => Codec.Compress(bytes, level).Length)];

        Assert.That(sizes, Is.Ordered.Descending);
        Assert.That(Codec.Compress(bytes, 17), Is.EqualTo(Codec.Compress(bytes, 12)));
    }

    [Test]
    [CancelAfter(60_000)]
    public void Every_truncation_is_corrupt()
    {
        byte[] stream = Codec.Compress(Corpus.Create(CorpusKind.Json, 80_000));

        Mutations.EveryTruncationIsCorrupt(Codec, stream, 80_000);
    }

    [Test]
    [CancelAfter(60_000)]
    public void Mutations_give_invalid_data_and_nothing_else(CancellationToken cancellationToken)
    {
        byte[][] streams = [.. Corpus.Inputs(400, seed: 5).Where(static input => input.Size is > 0 and < 3000).Select(input => Codec.Compress(input.Bytes))];

        int corrupt = Mutations.Run(Codec, streams, 100_000, 10_000, Seed, cancellationToken);

        Assert.That(corrupt, Is.GreaterThan(25_000));
    }

    [Test]
    [CancelAfter(60_000)]
    public void A_checksum_finds_every_change_of_the_content()
    {
        var checking = new Lz4Codec(options with { ContentChecksum = true });
        byte[] bytes = Corpus.Create(CorpusKind.Text, 2000);
        byte[] stream = checking.Compress(bytes);
        int found = 0;
        for (int at = 0; at < stream.Length; at++)
        {
            byte[] changed = [.. stream];
            changed[at] ^= 4;
            try
            {
                // A match may be found in two places: then the content is the same.
                Assert.That(checking.Decompress(changed), Is.EqualTo(bytes), $"byte {at}");
            }
            catch (InvalidDataException)
            {
                found++;
            }
        }

        Assert.That(found, Is.GreaterThan(stream.Length * 9 / 10));
    }

    [Test]
    public void Options_that_the_format_does_not_have_are_refused()
    {
        Assert.That(() => new Lz4Codec(options with { BlockSize = (Lz4BlockSize)8 }), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new Lz4Codec(options with { Acceleration = 0 }), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void The_old_checksum_of_the_head_is_written_and_read_where_it_is_asked_for()
    {
        var old = new Lz4Codec(options with { HeaderChecksumCoversMagic = true });
        byte[] bytes = Corpus.Create(CorpusKind.Text, 1000);

        Assert.That(old.Decompress(old.Compress(bytes)), Is.EqualTo(bytes));
        Assert.That(old.Decompress(Codec.Compress(bytes)), Is.EqualTo(bytes));
        Assert.That(() => Codec.Decompress(old.Compress(bytes)), Throws.TypeOf<InvalidDataException>().With.Message.Contains("checksum of the head"));
    }
}
