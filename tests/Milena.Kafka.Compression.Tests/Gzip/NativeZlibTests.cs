using System.Buffers.Binary;
using Milena.Kafka.Compression.Tests.Support;

namespace Milena.Kafka.Compression.Tests.Gzip;

/// <summary>Both directions against another zlib than the runtime's.</summary>
public class NativeZlibTests
{
    private static readonly GzipCodec Codec = new();

    [OneTimeSetUp]
    public void Find() => NativeZlib.IgnoreIfMissing();

    [Test]
    [CancelAfter(120_000)]
    public void Each_reads_what_the_other_wrote(CancellationToken cancellationToken)
    {
        foreach (CorpusInput input in Corpus.Inputs(5000, seed: 31))
        {
            cancellationToken.ThrowIfCancellationRequested();
            int level = input.Seed % 10;
            byte[] native = NativeZlib.Compress(input.Bytes, level, 1 + (input.Seed % 9), input.Seed % 5);
            byte[] managed = Codec.Compress(input.Bytes, Math.Max(level, 1));

            Assert.That(Codec.Decompress(native, input.Size).AsSpan().SequenceEqual(input.Bytes), $"{input}: theirs is not read");
            Assert.That(NativeZlib.Decompress(managed, input.Size).AsSpan().SequenceEqual(input.Bytes), $"{input}: ours is not read");
        }
    }

    [Test]
    public void Every_field_of_the_head_is_read_together_and_its_checksum_is_verified()
    {
        byte[] bytes = Corpus.Create(CorpusKind.Json, 5000);
        byte[] member = NativeZlib.Compress(bytes, 9);
        byte[] head = [0x1f, 0x8b, 8, 0x1f, 1, 2, 3, 4, 2, 3, 5, 0, .. "extra"u8, .. "name.txt\0"u8, .. "comment\0"u8];
        byte[] checksum = new byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(checksum, (ushort)NativeZlib.Crc32(head));
        byte[] full = [.. head, .. checksum, .. member.AsSpan(10)];

        Assert.That(NativeZlib.Decompress(full, bytes.Length), Is.EqualTo(bytes));
        Assert.That(Codec.Decompress(full), Is.EqualTo(bytes));
        Assert.That(Codec.Decompress([.. full, .. member, .. full]), Is.EqualTo((byte[])[.. bytes, .. bytes, .. bytes]));
        Mutations.EveryTruncationIsCorrupt(Codec, full, bytes.Length);

        full[head.Length] ^= 1;
        Assert.That(() => Codec.Decompress(full), Throws.TypeOf<InvalidDataException>().With.Message.Contains("gzip"));
    }
}
