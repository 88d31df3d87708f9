using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using Milena.Kafka.Compression.Tests.Support;
using Milena.Kafka.Compression.Zstandard;

namespace Milena.Kafka.Compression.Tests.Zstandard;

/// <summary>Frames built by hand after RFC 8878: what encoders hardly ever write, and what must be refused.</summary>
public class ZstdFormatTests
{
    private static readonly ZstdCodec Codec = new();

    private static string Read(byte[] stream, int limit = Corpus.MaxSize) => Encoding.ASCII.GetString(Codec.Decompress(stream, limit));

    private static string Refuse(byte[] stream, int limit = Corpus.MaxSize)
    {
        string message = Assert.Throws<InvalidDataException>(() => Codec.Decompress(stream, limit)).Message;
        Assert.That(message, Does.Contain("zstd").And.Contain("byte"));
        return message;
    }

    [TestCase(0, 1)]
    [TestCase(255, 1)]
    [TestCase(256, 2)]
    [TestCase(65791, 2)]
    [TestCase(3, 4)]
    [TestCase(3, 8)]
    public void The_content_size_has_every_width(int size, int width)
    {
        byte[] content = Corpus.Create(CorpusKind.Noise, size);

        Assert.That(Codec.Decompress(ZstdFrame.WithSize((ulong)size, width).Raw(content).End()), Is.EqualTo(content));
    }

    [Test]
    public void A_frame_of_nothing_gives_nothing()
    {
        Assert.That(Read(ZstdFrame.WithWindow().Raw().End()), Is.Empty);
        Assert.That(Read(ZstdFrame.WithWindow().Rle(7, 0).End()), Is.Empty);
        Assert.That(Read(ZstdFrame.WithWindow().Compressed(0, 0).End()), Is.Empty);
        Assert.That(Read(ZstdFrame.WithSize(0, 1).Raw().End(), limit: 0), Is.Empty);
    }

    [Test]
    public void An_empty_block_may_stand_between_others()
    {
        Assert.That(Read(ZstdFrame.WithWindow().Raw("ab"u8).Raw().Compressed(0, 0).Raw("c"u8).End()), Is.EqualTo("abc"));
    }

    [Test]
    public void A_run_may_be_the_first_block()
    {
        byte[] content = Codec.Decompress(ZstdFrame.WithWindow().Rle((byte)'x', 128 * 1024).Rle((byte)'y', 5).End());

        Assert.That(content, Has.Length.EqualTo((128 * 1024) + 5));
        Assert.That(content.AsSpan(0, 128 * 1024).IndexOfAnyExcept((byte)'x'), Is.EqualTo(-1));
        Assert.That(content.AsSpan(128 * 1024).IndexOfAnyExcept((byte)'y'), Is.EqualTo(-1));
    }

    [Test]
    public void Frames_follow_each_other_and_skippable_ones_give_nothing()
    {
        byte[] first = ZstdFrame.WithWindow().Raw("one"u8).End();
        byte[] second = ZstdFrame.WithSize(3, 1).Raw("two"u8).End("two"u8.ToArray());

        Assert.That(Read([.. ZstdFrame.Skippable(0, 1, 2, 3), .. first, .. ZstdFrame.Skippable(15), .. second, .. ZstdFrame.Skippable(7, 9)]), Is.EqualTo("onetwo"));
        Assert.That(Read(ZstdFrame.Skippable(3, 1, 2)), Is.Empty);
        Assert.That(Refuse([.. first, .. ZstdFrame.Skippable(0, 1, 2, 3)[..^1]]), Does.Contain("cut off"));
        Assert.That(Refuse([.. first, 1, 2, 3, 4, 5]), Does.Contain("magic"));
    }

    [Test]
    public void A_block_without_sequences_ends_with_its_count()
    {
        Assert.That(Read(ZstdFrame.WithWindow().Compressed(3 << 3, (byte)'a', (byte)'b', (byte)'c', 0).End()), Is.EqualTo("abc"));
        Assert.That(Refuse(ZstdFrame.WithWindow().Compressed(3 << 3, (byte)'a', (byte)'b', (byte)'c', 0, 0).End()), Does.Contain("behind"));
    }

    [Test]
    public void Literals_may_be_a_run()
    {
        Assert.That(Read(ZstdFrame.WithWindow().Compressed((5 << 3) | 1, (byte)'z', 0).End()), Is.EqualTo("zzzzz"));
    }

    // Literal length 2, offset number 1 (one extra bit would make it 2 or 3), match length 3 and 0 extra bits.
    [Test]
    public void A_match_may_overlap_what_it_writes()
    {
        Assert.That(Read(ZstdFrame.WithWindow().OneSequence("ab", 2, 0, 4, 0x01).End()), Is.EqualTo("abbbbbbbb"));
    }

    [Test]
    public void Offsets_are_repeated_as_the_format_says()
    {
        // Ten bytes first. Offset code 3 with extra bits 010 is 10, less 3: an offset of 7. The recent ones are 7, 1, 4 then.
        ZstdFrame Start() => ZstdFrame.WithWindow().Raw("0123456789"u8).OneSequence("a", 1, 3, 0, 0b1010);

        Assert.That(Read(Start().End()), Is.EqualTo("0123456789a456"));
        Assert.That(Read(Start().OneSequence("b", 1, 0, 0, 0b1).End()), Does.EndWith("456b89a"), "the first");
        Assert.That(Read(Start().OneSequence("b", 1, 1, 0, 0b10).End()), Does.EndWith("456bbbb"), "the second");
        Assert.That(Read(Start().OneSequence("b", 1, 1, 0, 0b11).End()), Does.EndWith("a456b456"), "the third");
        Assert.That(Read(Start().OneSequence("", 0, 0, 0, 0b1).End()), Does.EndWith("456666"), "the second, after no literals");
        Assert.That(Read(Start().OneSequence("", 0, 1, 0, 0b10).End()), Does.EndWith("a456a45"), "the third, after no literals");
        Assert.That(Read(Start().OneSequence("", 0, 1, 0, 0b11).End()), Does.EndWith("a45689a"), "one less than the first, after no literals");
    }

    [Test]
    public void An_offset_of_zero_is_refused()
    {
        Refuse(ZstdFrame.WithWindow().Raw("aaaa"u8).OneSequence("", 0, 1, 0, 0b11).End());
    }

    [Test]
    public void A_match_from_before_the_frame_is_refused()
    {
        byte[] before = ZstdFrame.WithWindow().Raw("0123456789"u8).End();

        Assert.That(Refuse([.. before, .. ZstdFrame.WithWindow().OneSequence("ab", 2, 2, 0, 0b110).End()]), Does.Contain("before the frame"));
    }

    [Test]
    public void Bits_left_over_or_missing_are_refused()
    {
        Refuse(ZstdFrame.WithWindow().OneSequence("ab", 2, 0, 4, 0x02).End());
        Refuse(ZstdFrame.WithWindow().OneSequence("ab", 2, 0, 4, 0x00).End());
        Refuse(ZstdFrame.WithWindow().OneSequence("ab", 2, 0, 4).End());
        Refuse(ZstdFrame.WithWindow().Raw("0123456789"u8).OneSequence("a", 1, 3, 0, 0b10).End());
        Refuse(ZstdFrame.WithWindow().OneSequence("ab", 35, 31, 52, 0xFF).End());
    }

    [Test]
    public void Codes_that_do_not_exist_are_refused()
    {
        Assert.That(Refuse(ZstdFrame.WithWindow().OneSequence("ab", 36, 0, 0, 1).End()), Does.Contain("literal length"));
        Assert.That(Refuse(ZstdFrame.WithWindow().OneSequence("ab", 0, 32, 0, 1).End()), Does.Contain("offset"));
        Assert.That(Refuse(ZstdFrame.WithWindow().OneSequence("ab", 0, 0, 53, 1).End()), Does.Contain("match length"));
    }

    [Test]
    public void Nothing_can_be_repeated_in_the_first_block()
    {
        Assert.That(Refuse(ZstdFrame.WithWindow().Compressed(1 << 3, (byte)'a', 1, 0xFC, 1).End()), Does.Contain("repeats"));
        Assert.That(Refuse(ZstdFrame.WithWindow().Compressed((1 << 4) | 3, 1 << 6, 0, 1, 0).End()), Does.Contain("tree"));
    }

    [Test]
    public void Tables_do_not_outlive_their_frame()
    {
        byte[] first = ZstdFrame.WithWindow().OneSequence("ab", 2, 0, 4, 0x01).End();
        byte[] repeating = ZstdFrame.WithWindow().Compressed(2 << 3, (byte)'a', (byte)'b', 1, 0xFC, 1).End();

        Assert.That(Refuse([.. first, .. repeating]), Does.Contain("repeats"));
    }

    [Test]
    public void Huffman_weights_without_their_states_are_refused()
    {
        byte[] tree = new byte[64];
        int length = FseNormalizer.Write([16, 16], 5, ref MemoryMarshal.GetArrayDataReference(tree), 1);
        tree[0] = (byte)length;
        tree[length] = 0x01;
        byte[] literals = [.. tree[..(length + 1)], 1];
        int header = 2 | 4 << 4 | literals.Length << 14;

        Assert.That(
            Refuse(ZstdFrame.WithWindow().Compressed([(byte)header, (byte)(header >> 8), (byte)(header >> 16), .. literals, 0]).End()),
            Does.Contain("states"));
    }

    [Test]
    public void A_dictionary_is_refused_with_its_number()
    {
        Assert.That(Refuse([0x28, 0xB5, 0x2F, 0xFD, 0x21, 7, 0, 1, 0, 0]), Does.Contain("dictionary 7"));
        Assert.That(Refuse([0x28, 0xB5, 0x2F, 0xFD, 0x23, 0x40, 0xE2, 1, 0, 0, 1, 0, 0]), Does.Contain("dictionary 123456"));
        Assert.That(Read([0x28, 0xB5, 0x2F, 0xFD, 0x21, 0, 0, 1, 0, 0]), Is.Empty, "number 0 means none");
    }

    [Test]
    public void Reserved_bits_and_blocks_are_refused()
    {
        byte[] frame = ZstdFrame.WithWindow().Raw("a"u8).End();
        frame[4] |= 8;
        Assert.That(Refuse(frame), Does.Contain("reserved"));
        Assert.That(Refuse(ZstdFrame.WithWindow().Block(3, 1, 1).End()), Does.Contain("reserved"));
        Assert.That(Refuse(ZstdFrame.WithWindow().Compressed(2 << 3, (byte)'a', (byte)'b', 1, 0x55, 2, 0, 4, 1).End()), Does.Contain("reserved"));
    }

    [Test]
    public void A_window_above_the_limit_is_refused()
    {
        byte[] large = ZstdFrame.WithWindow((28 - 10) << 3).Raw("a"u8).End();

        Assert.That(Refuse(large), Does.Contain("268,435,456").And.Contain("134,217,728"));
        Assert.That(new ZstdCodec { MaxWindowLog = 28 }.Decompress(large), Is.EqualTo("a"u8.ToArray()));
        Assert.That(() => new ZstdCodec { MaxWindowLog = 9 }, Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => new ZstdCodec { MaxWindowLog = 32 }, Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void A_block_larger_than_the_window_is_refused()
    {
        byte[] kilobyte = new byte[1025];

        Refuse(ZstdFrame.WithWindow(0).Raw(kilobyte).End());
        Refuse(ZstdFrame.WithWindow(0).Rle(1, 1025).End());
        Refuse(ZstdFrame.WithWindow().Rle(1, (128 * 1024) + 1).End());
        Assert.That(Codec.Decompress(ZstdFrame.WithWindow(0).Raw(kilobyte.AsSpan(1)).End()), Has.Length.EqualTo(1024));
    }

    [Test]
    public void A_content_that_differs_from_its_claims_is_refused()
    {
        Refuse(ZstdFrame.WithSize(4, 1).Raw("abc"u8).End());
        Refuse(ZstdFrame.WithSize(2, 1).Raw("ab"u8).Raw("c"u8).End());
        Assert.That(Refuse(ZstdFrame.WithWindow().Raw("abc"u8).End("abd"u8.ToArray())), Does.Contain("checksum"));
        Assert.That(Read(ZstdFrame.WithWindow().Raw("abc"u8).End("abc"u8.ToArray())), Is.EqualTo("abc"));
    }

    [Test]
    public void A_claim_takes_no_memory()
    {
        using var output = new GuardedWriter(1 << 20);
        foreach (ulong size in new ulong[] { 1 << 20, (1 << 20) + 1, int.MaxValue, 1UL << 32, ulong.MaxValue })
        {
            byte[] bomb = ZstdFrame.WithSize(size).Compressed(0, 0).End();
            Assert.That(() => Codec.Decompress(bomb, output, 1 << 20), Throws.InstanceOf<InvalidDataException>());
        }

        Assert.That(output.MostAsked, Is.Zero);
    }

    [Test]
    public void Runs_beyond_the_limit_take_no_memory()
    {
        ZstdFrame frame = ZstdFrame.WithWindow();
        for (int i = 0; i < 1000; i++)
        {
            frame.Rle(0, 128 * 1024);
        }

        byte[] bomb = frame.End();
        using var output = new GuardedWriter(1 << 20);
        string? message = Assert.Throws<InvalidDataException>(() => Codec.Decompress(bomb, output, 1 << 20))?.Message;
        Assert.That(message, Does.Contain("1,048,576"));
        Assert.That(output.MostAsked, Is.Zero);
    }

    [Test]
    public void The_limit_is_for_all_frames_together()
    {
        byte[] frame = ZstdFrame.WithWindow().Raw("abc"u8).End();

        Assert.That(Read([.. frame, .. frame], 6), Is.EqualTo("abcabc"));
        Assert.That(Refuse([.. frame, .. frame], 5), Does.Contain("more than the allowed 5 bytes"));
    }

    [Test]
    public void Content_of_unknown_size_stops_at_the_limit()
    {
        ZstdFrame frame = ZstdFrame.WithWindow();
        for (int i = 0; i < 100; i++)
        {
            // Two literals and a match of 65,538 bytes (code 51 with all extra bits set).
            frame.OneSequence("ab", 2, 0, 51, 0xFF, 0xFF);
        }

        byte[] bomb = frame.End();
        int whole = 100 * (2 + 32771 + 32767);
        Assert.That(Codec.Decompress(bomb, whole), Has.Length.EqualTo(whole));
        Assert.That(Refuse(bomb, whole - 1), Does.Contain("more than the allowed"));
        Assert.That(Refuse(bomb, 1000), Does.Contain("more than the allowed 1,000 bytes"));
    }
}
