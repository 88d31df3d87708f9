using System.Buffers;

namespace Milena.Kafka.Compression.Tests.Support;

/// <summary>What every codec must do, whatever its format. A fixture per codec inherits it.</summary>
public abstract class CodecFixture
{
    protected abstract ICompressionCodec Codec { get; }

    /// <summary>Levels to try beside the default.</summary>
    protected virtual int?[] Levels => [null];

    /// <summary>Random inputs to try; over all fixtures of a codec at least 20,000.</summary>
    protected virtual int InputCount => 20_000;

    protected virtual int Seed => 7;

    /// <summary>Whether the stream is the same however the bytes come in segments.</summary>
    protected virtual bool IgnoresSegments => true;

    /// <summary>The most managed bytes that a call may allocate.</summary>
    protected virtual int AllocatedPerCall => 0;

    [Test]
    [CancelAfter(120_000)]
    public void Thousands_of_inputs_of_every_kind_come_back(CancellationToken cancellationToken)
    {
        var compressed = new ArrayBufferWriter<byte>();
        var output = new ArrayBufferWriter<byte>();
        foreach (CorpusInput input in Corpus.Inputs(InputCount, Seed))
        {
            cancellationToken.ThrowIfCancellationRequested();
            compressed.ResetWrittenCount();
            output.ResetWrittenCount();

            Codec.Compress(new ReadOnlySequence<byte>(input.Bytes), compressed, Levels[input.Seed % Levels.Length]);
            Codec.Decompress(compressed.WrittenMemory, output, input.Size);

            if (!output.WrittenSpan.SequenceEqual(input.Bytes))
            {
                Assert.Fail($"{input} does not come back.");
            }
        }
    }

    [Test]
    [CancelAfter(60_000)]
    public void Nothing_is_read_or_written_beyond_its_bounds([Values] CorpusKind kind)
    {
        using var source = new GuardedMemory(70_000);
        using var stream = new GuardedWriter(100_000, slack: 200_000);
        using var output = new GuardedWriter(70_000);
        foreach (int size in Enumerable.Range(0, 300).Concat([4095, 32_767, 32_768, 32_769, 65_535, 65_536, 65_537, 70_000]))
        {
            foreach (int? level in Levels)
            {
                Memory<byte> bytes = source.Last(size);
                Corpus.Create(kind, size, size).CopyTo(bytes);
                stream.Reset();
                output.Reset();

                Codec.Compress(new ReadOnlySequence<byte>(bytes), stream, level);
                using var guarded = new GuardedMemory(Math.Max(stream.Written, 1));
                Memory<byte> compressed = guarded.Last(stream.Written);
                stream.WrittenSpan.CopyTo(compressed.Span);
                Codec.Decompress(compressed, output, output.Written + Math.Max(size, 1));

                Assert.That(output.WrittenSpan.SequenceEqual(bytes.Span), $"{size} bytes, level {level}");
            }
        }
    }

    [Test]
    public void Bytes_in_segments_give_the_stream_of_bytes_in_one_piece([Values(1, 1000, 40_000)] int segment)
    {
        byte[] bytes = Corpus.Create(CorpusKind.Json, 100_000);
        var output = new ArrayBufferWriter<byte>();

        Codec.Compress(CodecRun.InSegments(bytes, segment), output);

        Assert.That(Codec.Decompress(output.WrittenSpan.ToArray()).AsSpan().SequenceEqual(bytes));
        Assert.That(!IgnoresSegments || output.WrittenSpan.SequenceEqual(Codec.Compress(bytes)));
    }

    [Test]
    public void A_limit_of_exactly_the_size_is_enough([Values] CorpusKind kind)
    {
        byte[] stream = Codec.Compress(Corpus.Create(kind, 100_000));

        Assert.That(Codec.Decompress(stream, 100_000), Has.Length.EqualTo(100_000));
        Assert.That(
            () => Codec.Decompress(stream, 99_999),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains(Codec.Name).And.Message.Contains("99,999"));
    }

    [Test]
    public void A_bomb_is_stopped_at_the_limit()
    {
        byte[] bomb = Codec.Compress(new byte[50_000_000]);
        using var output = new GuardedWriter(100_000);

        Assert.That(() => Codec.Decompress(bomb, output, 100_000), Throws.TypeOf<InvalidDataException>());
        Assert.That(output.Written, Is.LessThanOrEqualTo(100_000));
    }

    [Test]
    [CancelAfter(60_000)]
    public void Threads_share_an_instance(CancellationToken cancellationToken)
    {
        var options = new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = 4 };
        Parallel.For(0, 400, options, i =>
        {
            byte[] bytes = Corpus.Create((CorpusKind)(i % 5), i * 37, i);
            Assert.That(Codec.Decompress(Codec.Compress(bytes)).AsSpan().SequenceEqual(bytes));
        });
    }

    [Test]
    public void A_call_allocates_no_more_than_it_must_once_warm()
    {
        byte[] bytes = Corpus.Create(CorpusKind.Json, 100_000);
        byte[] stream = Codec.Compress(bytes);
        var output = new ArrayBufferWriter<byte>(400_000);
        var source = new ReadOnlySequence<byte>(bytes);

        long compressing = Allocations.OfCall(() =>
        {
            output.ResetWrittenCount();
            Codec.Compress(source, output);
        });
        long decompressing = Allocations.OfCall(() =>
        {
            output.ResetWrittenCount();
            Codec.Decompress(stream, output, bytes.Length);
        });

        TestContext.Out.WriteLine($"{compressing} bytes to compress, {decompressing} to decompress");
        Assert.That(compressing, Is.LessThanOrEqualTo(AllocatedPerCall));
        Assert.That(decompressing, Is.LessThanOrEqualTo(AllocatedPerCall));
    }
}
