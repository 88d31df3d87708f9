using FsCheck;
using FsCheck.Fluent;
using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Protocol.Tests.Records;

public class RecordBatchPropertyTests
{
    private static readonly RecordReadOptions WithoutCrc = new() { CheckCrc = false, MaxDecompressedSize = 100_000 };

    private static readonly RecordReadOptions WithCrc = new() { MaxDecompressedSize = 100_000 };

    [Test]
    [CancelAfter(60_000)]
    public void Random_records_come_back_as_they_were_with_and_without_gzip()
    {
        Prop.ForAll<int, bool>(static (seed, compressed) => ComesBack(new Random(seed), compressed)).QuickCheckThrowOnFailure();
    }

    [Test]
    [CancelAfter(120_000)]
    public void Every_truncation_gives_a_protocol_exception_and_nothing_else()
    {
        foreach (byte[] whole in Samples())
        {
            for (int length = 0; length < whole.Length; length++)
            {
                // The length is set to what is there, or nothing but a batch that was cut off would be seen.
                byte[] cut = whole[..length];
                AssertContained(cut, WithoutCrc);
                if (length >= 12)
                {
                    System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(cut.AsSpan(8), length - 12);
                    AssertContained(cut, WithoutCrc);
                    Assert.That(TryRead(cut, WithCrc), Is.False, $"{length} of {whole.Length} bytes");
                }
            }
        }
    }

    [Test]
    [CancelAfter(120_000)]
    public void A_hundred_thousand_mutations_give_a_protocol_exception_and_nothing_else([Values] bool checkCrc)
    {
        var random = new Random(42);
        byte[][] samples = [.. Samples()];
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100_000; i++)
        {
            byte[] mutated = [.. samples[i % samples.Length]];
            for (int times = random.Next(1, 4); times > 0; times--)
            {
                mutated[random.Next(mutated.Length)] = (byte)random.Next(256);
            }

            AssertContained(mutated, checkCrc ? WithCrc : WithoutCrc);
        }

        long perMutation = (GC.GetAllocatedBytesForCurrentThread() - before) / 100_000;
        Assert.That(perMutation, Is.LessThan(100_000), "bytes allocated for one mutated batch");
    }

    [Test]
    public void Random_bytes_after_a_valid_head_give_a_protocol_exception_and_nothing_else()
    {
        var random = new Random(17);
        byte[] head = Samples().First()[..61];
        for (int i = 0; i < 20_000; i++)
        {
            var bytes = new byte[random.Next(61, 200)];
            random.NextBytes(bytes);
            head.CopyTo(bytes, 0);
            System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(8), bytes.Length - 12);
            AssertContained(bytes, WithoutCrc);
        }
    }

    private static bool ComesBack(Random random, bool compressed)
    {
        var writer = new RecordBatchWriter(new byte[random.Next(100, 20_000)]);
        var producer = new BatchProducer(random.NextInt64(-1, long.MaxValue), (short)random.Next(-1, short.MaxValue), random.Next(-1, int.MaxValue));
        var expected = new List<string>();
        int count = random.Next(1, 50);
        for (int i = 0; i < count; i++)
        {
            long timestamp = random.NextInt64(-1, 1L << 45);
            byte[]? key = MaybeBytes(random);
            byte[]? value = MaybeBytes(random);
            RecordHeader[] headers = Headers(random);
            if (writer.TryAppend(timestamp, key, value, headers))
            {
                string text = string.Join(',', headers.Select(static header => Text(header.Utf8Key.ToArray()) + "=" + (header.IsValueNull ? "null" : Text(header.Value.ToArray()))));
                expected.Add($"{expected.Count}\t{timestamp}\t{Text(key)}\t{Text(value)}\t{text}");
            }
        }

        if (expected.Count == 0)
        {
            return true;
        }

        BatchCompression? gzip = compressed ? new(CompressionType.Gzip, CompressionCodecs.Default.Get(CompressionType.Gzip)) : null;
        RecordBatch batch = new RecordBatches(writer.Close(RecordBatchFlags.Transactional, producer, gzip)).Single();
        return batch.HasValidCrc()
            && batch.Producer == producer
            && batch.RecordCount == expected.Count
            && batch.LastOffset == expected.Count - 1
            && RecordText.Lines(batch).SequenceEqual(expected);
    }

    private static IEnumerable<byte[]> Samples()
    {
        var writer = new RecordBatchWriter(new byte[600]);
        for (int i = 0; i < 3; i++)
        {
            writer.TryAppend(1700000000000 + (i * 1000), i == 1 ? null : "key"u8.ToArray(), new byte[i * 70], [new RecordHeader("name", null), new RecordHeader("", "value"u8.ToArray())]);
        }

        yield return writer.Close(RecordBatchFlags.None, BatchProducer.None).ToArray();

        writer.Reset(writer.Buffer, writer.Buffer.Length);
        for (int i = 0; i < 5; i++)
        {
            writer.TryAppend(1700000000000, "key"u8, "a value that is rather long and comes again"u8);
        }

        yield return writer.Close(RecordBatchFlags.None, new BatchProducer(1, 2, 3), new(CompressionType.Gzip, CompressionCodecs.Default.Get(CompressionType.Gzip))).ToArray();
        yield return MessageSetBuilder.Message(0, 5, 0, "key"u8, "value"u8);
        yield return MessageSetBuilder.Message(1, 5, 7, "key"u8, RecordBytes.Null);
        yield return MessageSetBuilder.Wrapper(1, 5, 7, MessageSetBuilder.Message(1, 0, 7, "key"u8, "value"u8), MessageSetBuilder.Message(1, 1, 7, "key"u8, "value"u8));
        yield return MessageSetBuilder.Wrapper(0, 5, 7, MessageSetBuilder.Message(0, 4, 7, "key"u8, "value"u8), MessageSetBuilder.Message(0, 5, 7, "key"u8, "value"u8));
    }

    private static void AssertContained(byte[] field, RecordReadOptions options) => TryRead(field, options);

    // Only a protocol exception is caught: any other fails the test.
    private static bool TryRead(byte[] field, RecordReadOptions options)
    {
        try
        {
            int records = 0;
            foreach (RecordBatch batch in new RecordBatches(field))
            {
                records += RecordText.Lines(batch, options).Count;
            }

            return records > 0;
        }
        catch (ProtocolException)
        {
            return false;
        }
    }

    private static RecordHeader[] Headers(Random random) =>
        [.. Enumerable.Range(0, random.Next(4)).Select(i => new RecordHeader("h" + new string('ü', random.Next(80)), MaybeBytes(random)))];

    private static byte[]? MaybeBytes(Random random)
    {
        if (random.Next(5) == 0)
        {
            return null;
        }

        var bytes = new byte[random.Next(4) == 0 ? random.Next(1000) : random.Next(20)];
        random.NextBytes(bytes);
        return bytes;
    }

    private static string Text(byte[]? bytes) => bytes is null ? "null" : RecordText.Hex(bytes);
}
