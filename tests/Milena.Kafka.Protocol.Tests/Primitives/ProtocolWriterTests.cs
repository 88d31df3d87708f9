using System.Buffers;
using Milena.Kafka.Protocol.Tests.Messages;

namespace Milena.Kafka.Protocol.Tests.Primitives;

/// <summary>Single values to bytes.</summary>
public sealed class ProtocolWriterTests
{
    private delegate void Write(ref ProtocolWriter writer);

    [Test]
    public void Fixed_width_numbers_are_big_endian()
    {
        Assert.That(Hex((ref w) => w.WriteInt8(-128)), Is.EqualTo("80"));
        Assert.That(Hex((ref w) => w.WriteInt16(-2)), Is.EqualTo("fffe"));
        Assert.That(Hex((ref w) => w.WriteUInt16(0x8001)), Is.EqualTo("8001"));
        Assert.That(Hex((ref w) => w.WriteInt32(-2)), Is.EqualTo("fffffffe"));
        Assert.That(Hex((ref w) => w.WriteUInt32(0x80000001)), Is.EqualTo("80000001"));
        Assert.That(Hex((ref w) => w.WriteInt64(long.MinValue + 1)), Is.EqualTo("8000000000000001"));
        Assert.That(Hex((ref w) => w.WriteFloat64(-1)), Is.EqualTo("bff0000000000000"));
        Assert.That(Hex((ref w) => w.WriteBool(true)), Is.EqualTo("01"));
        Assert.That(Hex((ref w) => w.WriteBool(false)), Is.EqualTo("00"));
        Assert.That(Hex((ref w) => w.WriteUuid(Guid.Parse("4c5e6c94-2854-411e-859e-17994707566c"))), Is.EqualTo("4c5e6c942854411e859e17994707566c"));
        Assert.That(Hex((ref w) => w.WriteUnsignedVarint(300)), Is.EqualTo("ac02"));
    }

    [TestCase(null, false, "ffff")]
    [TestCase(null, true, "00")]
    [TestCase("", false, "0000")]
    [TestCase("", true, "01")]
    [TestCase("é", false, "0002c3a9")]
    [TestCase("é", true, "03c3a9")]
    public void Strings_carry_the_length_of_their_utf8_form(string? value, bool flexible, string hex)
    {
        Assert.That(Hex((ref w) => w.WriteString(value, flexible)), Is.EqualTo(hex));
        Assert.That(ProtocolSize.OfString(value, flexible), Is.EqualTo(hex.Length / 2));
    }

    [TestCase(null, false, "ffffffff")]
    [TestCase(null, true, "00")]
    [TestCase("", false, "00000000")]
    [TestCase("", true, "01")]
    [TestCase("0102", false, "000000020102")]
    [TestCase("0102", true, "030102")]
    public void Bytes_carry_their_length(string? value, bool flexible, string hex)
    {
        ReadOnlyMemory<byte>? bytes = value is null ? default(ReadOnlyMemory<byte>?) : Convert.FromHexString(value);
        Assert.That(Hex((ref w) => w.WriteBytes(bytes, flexible)), Is.EqualTo(hex));
        Assert.That(ProtocolSize.OfBytes(bytes, flexible), Is.EqualTo(hex.Length / 2));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void The_longest_string_has_32767_bytes(bool flexible)
    {
        string longest = new('x', short.MaxValue);
        Assert.That(Hex((ref w) => w.WriteString(longest, flexible)), Has.Length.EqualTo(2 * ProtocolSize.OfString(longest, flexible)));
        string tooLong = new('é', 16384);
        Assert.That(() => ProtocolSize.OfString(tooLong, flexible), Throws.TypeOf<ProtocolException>().With.Message.Contains("32,768"));
        Assert.That(() => Hex((ref w) => w.WriteString(tooLong, flexible)), Throws.TypeOf<ProtocolException>().With.Message.Contains("32,768"));
    }

    [Test]
    public void Half_of_a_surrogate_pair_is_measured_as_it_is_written()
    {
        string half = "a\ud83d";
        Assert.That(Hex((ref w) => w.WriteString(half, true)), Is.EqualTo("0561efbfbd"));
        Assert.That(ProtocolSize.OfString(half, true), Is.EqualTo(5));
    }

    [TestCase(ProtocolWriter.GatherThreshold - 1, 0)]
    [TestCase(ProtocolWriter.GatherThreshold, 1)]
    [TestCase(100_000, 1)]
    public void Large_payloads_are_borrowed_and_small_ones_copied(int length, int borrowed)
    {
        byte[] payload = new byte[length];
        new Random(1).NextBytes(payload);
        var gathering = new GatheringBuffer();
        var plain = new ArrayBufferWriter<byte>();
        foreach (IBufferWriter<byte> output in new IBufferWriter<byte>[] { gathering, plain })
        {
            var writer = new ProtocolWriter(output);
            writer.WriteInt32(7);
            writer.WriteBytes(payload, flexible: true);
            writer.WriteInt32(8);
            Assert.That(writer.Written, Is.EqualTo(8 + ProtocolSize.OfBytes(payload, true)));
            writer.Flush();
        }

        Assert.That(gathering.Borrowed, Has.Count.EqualTo(borrowed));
        Assert.That(gathering.ToArray(), Is.EqualTo(plain.WrittenSpan.ToArray()));
        if (borrowed > 0)
        {
            Assert.That(gathering.Borrowed[0].Equals(payload.AsMemory()), "by reference");
        }
    }

    [Test]
    public void Writing_in_many_blocks_gives_the_same_bytes()
    {
        var output = new ArrayBufferWriter<byte>(1);
        var writer = new ProtocolWriter(output);
        for (int i = 0; i < 10_000; i++)
        {
            writer.WriteInt32(i);
            writer.WriteUnsignedVarint((uint)i);
        }

        writer.Flush();
        var reader = new ProtocolReader(output.WrittenMemory);
        for (int i = 0; i < 10_000; i++)
        {
            Assert.That(reader.ReadInt32(), Is.EqualTo(i));
            Assert.That(reader.ReadUnsignedVarint(), Is.EqualTo((uint)i));
        }

        Assert.That(writer.Written, Is.EqualTo(output.WrittenCount));
    }

    private static string Hex(Write write)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new ProtocolWriter(output);
        write(ref writer);
        writer.Flush();
        Assert.That(writer.Written, Is.EqualTo(output.WrittenCount));
        return Convert.ToHexStringLower(output.WrittenSpan);
    }
}
