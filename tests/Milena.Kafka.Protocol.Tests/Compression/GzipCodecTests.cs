using System.Buffers;
using System.Text;
using Milena.Kafka.Compression;

namespace Milena.Kafka.Protocol.Tests.Compression;

public class GzipCodecTests
{
    private static readonly GzipCodec Codec = new();

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(1000)]
    [TestCase(300_000)]
    public void What_was_compressed_comes_back(int size)
    {
        byte[] bytes = Text(size);

        Assert.That(Decompress(Compress(bytes), size), Is.EqualTo(bytes));
    }

    [Test]
    public void Several_members_give_the_bytes_of_all([Values(1, 9, -1)] int level)
    {
        byte[] members = [.. Compress(Text(500), level), .. Compress(Text(70_000), level)];

        Assert.That(Decompress(members, 70_500), Is.EqualTo(Text(500).Concat(Text(70_000))));
    }

    [Test]
    [CancelAfter(60_000)]
    public void Members_of_every_size_around_the_blocks_of_the_stream_are_found()
    {
        var random = new Random(3);
        for (int size = 8100; size < 8300; size++)
        {
            byte[] first = new byte[size];
            random.NextBytes(first);
            byte[] second = Text(100);

            Assert.That(Decompress([.. Compress(first), .. Compress(second)], 10_000), Is.EqualTo(first.Concat(second)), $"{size} bytes");
        }
    }

    [Test]
    public void A_limit_of_exactly_the_size_is_enough()
    {
        Assert.That(Decompress(Compress(Text(40_000)), 40_000), Has.Length.EqualTo(40_000));
        Assert.That(() => Decompress(Compress(Text(40_000)), 39_999), Throws.TypeOf<InvalidDataException>());
    }

    [Test]
    public void A_higher_level_gives_fewer_bytes()
    {
        Assert.That(Compress(Text(50_000), 9), Has.Length.LessThan(Compress(Text(50_000), 1).Length));
    }

    [TestCase(0)]
    [TestCase(10)]
    [TestCase(-2)]
    public void A_level_that_gzip_does_not_have_is_refused(int level)
    {
        Assert.That(() => Compress(Text(10), level), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void A_stream_of_more_than_the_limit_is_refused_and_never_written_beyond_it()
    {
        byte[] bomb = Compress(new byte[50_000_000]);
        var output = new ArrayBufferWriter<byte>();

        Assert.That(() => Codec.Decompress(bomb, output, 100_000), Throws.TypeOf<InvalidDataException>());
        Assert.That(output.WrittenCount, Is.LessThanOrEqualTo(100_000));
    }

    [Test]
    [CancelAfter(60_000)]
    public void Every_truncation_is_corrupt()
    {
        byte[] whole = Compress(Text(3000));
        for (int length = 0; length < whole.Length; length++)
        {
            byte[] cut = whole[..length];
            Assert.That(() => Decompress(cut, 10_000), Throws.TypeOf<InvalidDataException>(), $"{length} of {whole.Length} bytes");
        }
    }

    [Test]
    [CancelAfter(60_000)]
    public void Mutations_give_invalid_data_and_nothing_else()
    {
        var random = new Random(11);
        byte[] whole = Compress(Text(3000));
        for (int i = 0; i < 5000; i++)
        {
            byte[] mutated = [.. whole];
            mutated[random.Next(mutated.Length)] = (byte)random.Next(256);
            try
            {
                Decompress(mutated, 10_000);
            }
            catch (InvalidDataException)
            {
            }
        }
    }

    private static byte[] Text(int size)
    {
        var text = new StringBuilder();
        for (int i = 0; text.Length < size; i++)
        {
            text.Append(i * 7919 % 1000).Append(" records and ");
        }

        return Encoding.UTF8.GetBytes(text.ToString(0, size));
    }

    private static byte[] Compress(byte[] bytes, int? level = null)
    {
        var output = new ArrayBufferWriter<byte>();
        Codec.Compress(bytes, output, level);
        return output.WrittenSpan.ToArray();
    }

    private static byte[] Decompress(byte[] bytes, int limit)
    {
        var output = new ArrayBufferWriter<byte>();
        Codec.Decompress(bytes, output, limit);
        return output.WrittenSpan.ToArray();
    }
}
