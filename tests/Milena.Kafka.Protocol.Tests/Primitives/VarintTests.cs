namespace Milena.Kafka.Protocol.Tests.Primitives;

/// <summary>Variable-length integers against the table of the protocol and at their limits.</summary>
public sealed class VarintTests
{
    [TestCase(0u, "00")]
    [TestCase(127u, "7f")]
    [TestCase(128u, "8001")]
    [TestCase(300u, "ac02")]
    [TestCase(16383u, "ff7f")]
    [TestCase(16384u, "808001")]
    [TestCase(2147483647u, "ffffffff07")]
    [TestCase(uint.MaxValue, "ffffffff0f")]
    public void Unsigned_numbers_have_the_bytes_of_the_table(uint value, string hex)
    {
        byte[] bytes = new byte[Varint.MaxSize32];
        int size = Varint.WriteUnsigned(bytes, value);
        Assert.That(Convert.ToHexStringLower(bytes.AsSpan(0, size)), Is.EqualTo(hex));
        Assert.That(Varint.SizeUnsigned(value), Is.EqualTo(size));
        Assert.That(Varint.TryReadUnsigned(Convert.FromHexString(hex), out uint read), Is.EqualTo(size));
        Assert.That(read, Is.EqualTo(value));
    }

    [TestCase(0, "00")]
    [TestCase(-1, "01")]
    [TestCase(63, "7e")]
    [TestCase(-64, "7f")]
    [TestCase(64, "8001")]
    [TestCase(300, "d804")]
    [TestCase(int.MaxValue, "feffffff0f")]
    [TestCase(int.MinValue, "ffffffff0f")]
    public void Signed_numbers_have_the_bytes_of_the_table(int value, string hex)
    {
        byte[] bytes = new byte[Varint.MaxSize32];
        int size = Varint.Write(bytes, value);
        Assert.That(Convert.ToHexStringLower(bytes.AsSpan(0, size)), Is.EqualTo(hex));
        Assert.That(Varint.Size(value), Is.EqualTo(size));
        Assert.That(new ProtocolReader(Convert.FromHexString(hex)).ReadVarint(), Is.EqualTo(value));
    }

    [TestCase(0L, "00")]
    [TestCase(-1L, "01")]
    [TestCase(int.MinValue, "ffffffff0f")]
    [TestCase(long.MaxValue, "feffffffffffffffff01")]
    [TestCase(long.MinValue, "ffffffffffffffffff01")]
    public void Signed_long_numbers_take_up_to_ten_bytes(long value, string hex)
    {
        byte[] bytes = new byte[Varint.MaxSize64];
        int size = Varint.Write(bytes, value);
        Assert.That(Convert.ToHexStringLower(bytes.AsSpan(0, size)), Is.EqualTo(hex));
        Assert.That(Varint.Size(value), Is.EqualTo(size));
        Assert.That(new ProtocolReader(Convert.FromHexString(hex)).ReadVarlong(), Is.EqualTo(value));
    }

    [Test]
    public void Numbers_around_every_power_of_two_survive()
    {
        byte[] bytes = new byte[Varint.MaxSize64];
        foreach (ulong value in Enumerable.Range(0, 64).SelectMany(bit => new[] { (1UL << bit) - 1, 1UL << bit, (1UL << bit) + 1 }).Append(ulong.MaxValue))
        {
            int size = Varint.WriteUnsigned(bytes, value);
            Assert.That(Varint.SizeUnsigned(value), Is.EqualTo(size));
            Assert.That(Varint.TryReadUnsigned(bytes.AsSpan(0, size), out ulong read), Is.EqualTo(size));
            Assert.That(read, Is.EqualTo(value));
            Assert.That(Varint.UnZigZag(Varint.ZigZag((long)value)), Is.EqualTo((long)value));
            Assert.That(Varint.UnZigZag(Varint.ZigZag((int)value)), Is.EqualTo((int)value));
            for (int cut = 0; cut < size; cut++)
            {
                Assert.That(Varint.TryReadUnsigned(bytes.AsSpan(0, cut), out ulong _), Is.Zero, "a cut-off number");
            }

            if (value <= uint.MaxValue)
            {
                Assert.That(Varint.SizeUnsigned((uint)value), Is.EqualTo(size));
                Assert.That(Varint.TryReadUnsigned(bytes.AsSpan(0, size), out uint narrow), Is.EqualTo(size));
                Assert.That(narrow, Is.EqualTo((uint)value));
            }
        }
    }

    [TestCase("ffffffff10", Description = "33 bits")]
    [TestCase("ffffffff7f")]
    [TestCase("ffffffff8f00", Description = "six bytes")]
    [TestCase("8080808080")]
    [TestCase("ffffffffffffffffff01")]
    public void More_than_32_bits_or_5_bytes_are_refused(string hex)
    {
        Assert.That(Varint.TryReadUnsigned(Convert.FromHexString(hex), out uint _), Is.EqualTo(-1));
        Assert.That(() => new ProtocolReader(Convert.FromHexString(hex)).ReadUnsignedVarint(), Throws.TypeOf<ProtocolException>().With.Message.Contains("too many bits"));
        Assert.That(() => new ProtocolReader(Convert.FromHexString(hex)).ReadVarint(), Throws.TypeOf<ProtocolException>());
    }

    [TestCase("ffffffffffffffffff02", Description = "65 bits")]
    [TestCase("ffffffffffffffffff7f")]
    [TestCase("80808080808080808080")]
    [TestCase("8080808080808080808001")]
    public void More_than_64_bits_or_10_bytes_are_refused(string hex)
    {
        Assert.That(Varint.TryReadUnsigned(Convert.FromHexString(hex), out ulong _), Is.EqualTo(-1));
        Assert.That(() => new ProtocolReader(Convert.FromHexString(hex)).ReadVarlong(), Throws.TypeOf<ProtocolException>().With.Message.Contains("too many bits"));
    }

    [TestCase("")]
    [TestCase("80")]
    [TestCase("ffffffff")]
    public void A_number_that_the_frame_cuts_off_is_refused(string hex)
    {
        Assert.That(() => new ProtocolReader(Convert.FromHexString(hex)).ReadUnsignedVarint(), Throws.TypeOf<ProtocolException>().With.Message.Contains("ends within"));
        Assert.That(() => new ProtocolReader(Convert.FromHexString(hex)).ReadVarlong(), Throws.TypeOf<ProtocolException>().With.Message.Contains("ends within"));
    }
}
