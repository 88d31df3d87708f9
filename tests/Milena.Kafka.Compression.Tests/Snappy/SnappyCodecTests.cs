using System.Text;
using Milena.Kafka.Compression.Tests.Support;

namespace Milena.Kafka.Compression.Tests.Snappy;

[TestFixture(SnappyFormat.Framed)]
[TestFixture(SnappyFormat.Raw)]
public class SnappyCodecTests(SnappyFormat format) : CodecFixture
{
    private const string Head = "82534e41505059000000000100000001";

    protected override ICompressionCodec Codec { get; } = new SnappyCodec(format);

    protected override int InputCount => 10_000;

    protected override int Seed => 200 + (int)format;

    // By hand from the format's description: a length, then elements.
    [TestCase("00", "", TestName = "Nothing")]
    [TestCase("0100" + "61", "a", TestName = "A literal of one byte")]
    [TestCase("05" + "1068656c6c6f", "hello", TestName = "A literal")]
    [TestCase("05" + "f004" + "68656c6c6f", "hello", TestName = "A literal with a length of one byte")]
    [TestCase("05" + "f40400" + "68656c6c6f", "hello", TestName = "A literal with a length of two bytes")]
    [TestCase("05" + "f8040000" + "68656c6c6f", "hello", TestName = "A literal with a length of three bytes")]
    [TestCase("05" + "fc04000000" + "68656c6c6f", "hello", TestName = "A literal with a length of four bytes")]
    [TestCase("0a" + "0461621d02", null, TestName = "A copy that is too long")]
    [TestCase("0a" + "0461621102", "ababababab", TestName = "An overlapping copy with an offset of eleven bits")]
    [TestCase("0a" + "0461621e0200", "ababababab", TestName = "An overlapping copy with an offset of 16 bits")]
    [TestCase("0a" + "0461621f02000000", "ababababab", TestName = "An overlapping copy with an offset of 32 bits")]
    [TestCase("0a" + "0461621103", null, TestName = "A copy from before the output")]
    [TestCase("0a" + "0461621100", null, TestName = "A copy of offset 0")]
    [TestCase("0b" + "0461621102", null, TestName = "Less than the length says")]
    [TestCase("05" + "fcffffffff" + "68656c6c6f", null, TestName = "A literal of 4 GiB")]
    [TestCase("8500" + "1068656c6c6f", "hello", TestName = "A length with a byte too many")]
    [TestCase("ffffffffff01", null, TestName = "A length of more than 32 bits")]
    [TestCase("", null, TestName = "No bytes")]
    [TestCase(Head, "", TestName = "A head alone")]
    [TestCase(Head + "00000007" + "051068656c6c6f", "hello", TestName = "A framed block")]
    [TestCase(Head + "00000007" + "051068656c6c6f" + "00000003" + "010061", "helloa", TestName = "Two framed blocks")]
    [TestCase(Head + "00000007" + "051068656c6c6f" + Head + "00000003" + "010061", "helloa", TestName = "Two framed streams")]
    [TestCase(Head + "80000000" + "051068656c6c6f", null, TestName = "A framed block of negative length")]
    [TestCase(Head + "00000000", null, TestName = "A framed block of no bytes")]
    [TestCase(Head + "000000", null, TestName = "A length that is cut off")]
    [TestCase("82534e4150505900" + "00000001", null, TestName = "A head that is cut off")]
    public void Streams_of_the_format_are_read(string stream, string? expected)
    {
        byte[] bytes = Convert.FromHexString(stream);
        if (expected is null)
        {
            Assert.That(() => Codec.Decompress(bytes), Throws.TypeOf<InvalidDataException>().With.Message.Contains("snappy").And.Message.Contains("byte"));
            return;
        }

        Assert.That(Encoding.ASCII.GetString(Codec.Decompress(bytes)), Is.EqualTo(expected));
    }

    [Test]
    public void A_bomb_of_seven_bytes_takes_no_memory()
    {
        using var output = new GuardedWriter(1 << 20);

        Assert.That(() => Codec.Decompress(Convert.FromHexString("ffffffff07fe01"), output, int.MaxValue), Throws.TypeOf<InvalidDataException>());
        Assert.That(output.MostAsked, Is.Zero);
    }

    [Test]
    [CancelAfter(60_000)]
    public void Every_truncation_is_corrupt()
    {
        byte[] stream = Codec.Compress(Corpus.Create(CorpusKind.Json, 80_000));
        var ends = new HashSet<int> { 16 };
        for (int at = 16; format == SnappyFormat.Framed && at < stream.Length; ends.Add(at))
        {
            at += 4 + System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(stream.AsSpan(at));
        }

        // A framed stream has no end mark: between two blocks it is whole.
        Mutations.EveryTruncationIsCorrupt(Codec, stream, 80_000, length => format == SnappyFormat.Framed && ends.Contains(length));
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
    public void The_stream_has_the_head_that_the_Java_client_writes()
    {
        string stream = Convert.ToHexStringLower(Codec.Compress("hello"u8.ToArray()));

        Assert.That(stream, Is.EqualTo(format == SnappyFormat.Framed ? Head + "00000007" + "051068656c6c6f" : "051068656c6c6f"));
    }
}
