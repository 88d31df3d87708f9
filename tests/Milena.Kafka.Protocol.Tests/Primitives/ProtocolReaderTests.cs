using System.Text;

namespace Milena.Kafka.Protocol.Tests.Primitives;

/// <summary>Single values out of good and bad bytes.</summary>
public sealed class ProtocolReaderTests
{
    private delegate object? Read(ref ProtocolReader reader);

    [Test]
    public void Fixed_width_numbers_are_big_endian()
    {
        var reader = new ProtocolReader(Convert.FromHexString("80fffe8001fffffffe800000018000000000000001bff0000000000000ff00"));
        Assert.That(reader.ReadInt8(), Is.EqualTo(-128));
        Assert.That(reader.ReadInt16(), Is.EqualTo(-2));
        Assert.That(reader.ReadUInt16(), Is.EqualTo(0x8001));
        Assert.That(reader.ReadInt32(), Is.EqualTo(-2));
        Assert.That(reader.ReadUInt32(), Is.EqualTo(0x80000001u));
        Assert.That(reader.ReadInt64(), Is.EqualTo(long.MinValue + 1));
        Assert.That(reader.ReadFloat64(), Is.EqualTo(-1.0));
        Assert.That(reader.ReadBool(), Is.True, "any byte but zero is true");
        Assert.That(reader.ReadBool(), Is.False);
        Assert.That(reader.Remaining, Is.Zero);
    }

    [Test]
    public void A_uuid_is_in_text_order()
    {
        var reader = new ProtocolReader(Convert.FromHexString("4c5e6c942854411e859e17994707566c"));
        Assert.That(reader.ReadUuid(), Is.EqualTo(Guid.Parse("4c5e6c94-2854-411e-859e-17994707566c")));
    }

    [TestCase("ffff", false)]
    [TestCase("00", true)]
    public void A_null_string_is_null_or_refused(string hex, bool flexible)
    {
        Assert.That(Of(hex, (ref r) => r.ReadNullableString(flexible)), Is.Null);
        AssertRefused(hex, (ref r) => r.ReadString(flexible), "null");
    }

    [TestCase("ffffffff", false)]
    [TestCase("00", true)]
    public void Null_bytes_are_null_or_refused(string hex, bool flexible)
    {
        Assert.That(Of(hex, (ref r) => r.ReadNullableBytes(flexible)), Is.Null);
        Assert.That(Of(hex, (ref r) => r.ReadNullableSlice(flexible)), Is.Null);
        AssertRefused(hex, (ref r) => r.ReadBytes(flexible), "null");
        AssertRefused(hex, (ref r) => r.ReadSlice(flexible), "null");
        AssertRefused(hex, (ref r) => r.ReadArrayCount(flexible, 1), "null");
        Assert.That(Of(hex, (ref r) => r.ReadNullableArrayCount(flexible, 1)), Is.EqualTo(-1));
    }

    [TestCase("00000000", false)]
    [TestCase("01", true)]
    public void Empty_bytes_are_not_null(string hex, bool flexible)
    {
        Assert.That(Of(hex, (ref r) => r.ReadNullableBytes(flexible)?.Length), Is.Zero);
        Assert.That(Of(hex, (ref r) => r.ReadNullableSlice(flexible)?.Length), Is.Zero);
        Assert.That(Of(hex, (ref r) => r.ReadArrayCount(flexible, 8)), Is.Zero);
    }

    [Test]
    public void A_slice_shares_the_frame_and_bytes_do_not()
    {
        byte[] frame = Convert.FromHexString("0401020304010203");
        var reader = new ProtocolReader(frame);
        ReadOnlyMemory<byte> slice = reader.ReadSlice(flexible: true);
        ReadOnlyMemory<byte> copy = reader.ReadBytes(flexible: true);
        Array.Clear(frame);
        Assert.That(slice.ToArray(), Is.EqualTo(new byte[3]));
        Assert.That(copy.ToArray(), Is.EqualTo(new byte[] { 1, 2, 3 }));
    }

    [TestCase("7fff61", false, "32767 bytes are wanted")]
    [TestCase("fffe61", false, "length -2")]
    [TestCase("800061", false, "length -32768")]
    [TestCase("0361", true, "2 bytes are wanted")]
    [TestCase("ffffffff0761", true, "2147483646 bytes are wanted")]
    [TestCase("808080800861", true, "2147483647")]
    [TestCase("ffffffff0f61", true, "4294967294")]
    public void A_string_length_beyond_the_frame_is_refused(string hex, bool flexible, string says)
    {
        AssertRefused(hex, (ref r) => r.ReadString(flexible), says);
        AssertRefused(hex, (ref r) => r.ReadNullableString(flexible), says);
    }

    [TestCase("7fffffff61", false, "2147483647 bytes are wanted")]
    [TestCase("fffffffe61", false, "length -2")]
    [TestCase("8000000061", false, "length -2147483648")]
    [TestCase("ffffffff0761", true, "2147483646 bytes are wanted")]
    [TestCase("808080800861", true, "2147483647")]
    [TestCase("ffffffff0f61", true, "4294967294")]
    public void A_byte_length_beyond_the_frame_is_refused(string hex, bool flexible, string says)
    {
        AssertRefused(hex, (ref r) => r.ReadSlice(flexible), says);
        AssertRefused(hex, (ref r) => r.ReadNullableSlice(flexible), says);
        AssertRefused(hex, (ref r) => r.ReadBytes(flexible), says);
        AssertRefused(hex, (ref r) => r.ReadNullableBytes(flexible), says);
    }

    [TestCase("0000000200", false, 1, "2 elements")]
    [TestCase("7fffffff00", false, 8, "2147483647 elements")]
    [TestCase("fffffffe00", false, 1, "count -2")]
    [TestCase("0300", true, 1, "2 elements")]
    [TestCase("ffffffff0700", true, 16, "2147483646 elements")]
    [TestCase("ffffffff0f00", true, 1, "4294967294")]
    public void An_array_count_beyond_the_frame_is_refused(string hex, bool flexible, int elementSize, string says)
    {
        AssertRefused(hex, (ref r) => r.ReadArrayCount(flexible, elementSize), says);
        AssertRefused(hex, (ref r) => r.ReadNullableArrayCount(flexible, elementSize), says);
    }

    [TestCase("00", false)]
    [TestCase("0000", false)]
    [TestCase("0061", false)]
    [TestCase("", true)]
    [TestCase("80", true)]
    public void A_length_that_the_frame_cuts_off_is_refused(string hex, bool flexible)
    {
        AssertRefused(hex, (ref r) => r.ReadSlice(flexible), "");
        AssertRefused(hex, (ref r) => r.ReadNullableArrayCount(flexible, 1), "");
    }

    [Test]
    public void Every_type_wants_its_bytes()
    {
        Read[] reads =
        [
            (ref r) => r.ReadBool(), (ref r) => r.ReadInt8(), (ref r) => r.ReadInt16(), (ref r) => r.ReadUInt16(),
            (ref r) => r.ReadInt32(), (ref r) => r.ReadUInt32(), (ref r) => r.ReadInt64(), (ref r) => r.ReadFloat64(),
            (ref r) => r.ReadUuid(), (ref r) => r.ReadStructPresence(), (ref r) => r.ReadUnsignedVarint(),
        ];
        int[] sizes = [1, 1, 2, 2, 4, 4, 8, 8, 16, 1, 1];
        foreach ((Read read, int size) in reads.Zip(sizes))
        {
            for (int length = 0; length < size; length++)
            {
                AssertRefused(new string('0', 2 * length), read, "");
            }

            Assert.That(() => Of(new string('0', 2 * size), read), Throws.Nothing);
        }
    }

    [TestCase(-1)]
    [TestCase(3)]
    [TestCase(int.MaxValue)]
    [TestCase(int.MinValue)]
    public void Nothing_is_skipped_beyond_the_frame_or_backwards(int count)
    {
        AssertRefused("0000", (ref r) => { r.Skip(count); return null; }, "bytes are wanted");
    }

    [TestCase("ff", false)]
    [TestCase("80", false)]
    [TestCase("00", true)]
    [TestCase("01", true)]
    public void A_negative_byte_stands_for_a_struct_that_is_not_there(string hex, bool present)
    {
        Assert.That(Of(hex, (ref r) => r.ReadStructPresence()), Is.EqualTo(present));
    }

    [TestCase("0205", 2u, 5, Description = "the value is short of a byte")]
    [TestCase("ffffffff0fffffffff0f", uint.MaxValue, 0)]
    public void A_tag_that_claims_more_than_is_left_is_refused(string hex, uint tag, int size)
    {
        AssertRefused(hex + "01020304", (ref r) => r.ReadTag(out _), $"tagged field {tag}");
        if (size > 0)
        {
            Assert.That(Of(hex + "0102030405", (ref r) => (r.ReadTag(out int read), read)), Is.EqualTo((tag, size)));
        }
    }

    [TestCase("ffffffff0f")]
    [TestCase("020100")]
    [TestCase("0101")]
    [TestCase("01017f")]
    [TestCase("ffffffff0f" + "0000" + "0100")]
    public void A_tag_section_that_is_cut_off_is_refused(string hex)
    {
        AssertRefused(hex, (ref r) => { r.SkipTags(); return null; }, "");
    }

    [Test]
    public void A_tag_that_was_not_read_to_its_end_is_refused()
    {
        AssertRefused("00", (ref r) => { r.ExpectTagEnd(4, 1); return null; }, "tagged field 4 ends at byte 0 instead of 1");
    }

    [Test]
    public void Bytes_that_are_no_utf8_become_replacement_characters()
    {
        Assert.That(Of("04ff61c0", (ref r) => r.ReadString(true)), Is.EqualTo("\uFFFDa\uFFFD"));
        Assert.That(Of("0009" + Convert.ToHexString(Encoding.UTF8.GetBytes("東🦊é")), (ref r) => r.ReadString(false)), Is.EqualTo("東🦊é"));
    }

    [Test]
    public void The_message_says_where()
    {
        AssertRefused("0000000000000000ffff", (ref r) => { r.ReadInt64(); return r.ReadInt32(); }, "At byte 8 of 10: 4 bytes are wanted and 2 are left.");
    }

    private static object? Of(string hex, Read read)
    {
        var reader = new ProtocolReader(Convert.FromHexString(hex));
        return read(ref reader);
    }

    private static void AssertRefused(string hex, Read read, string says) =>
        Assert.That(() => Of(hex, read), Throws.TypeOf<ProtocolException>().With.Message.Contains(says), hex);
}
