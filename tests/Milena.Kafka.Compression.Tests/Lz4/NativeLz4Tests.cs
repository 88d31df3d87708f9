using Milena.Kafka.Compression.Tests.Support;

namespace Milena.Kafka.Compression.Tests.Lz4;

/// <summary>Both directions against the lz4 command line tool.</summary>
public class NativeLz4Tests
{
    private static readonly NativeTool Tool = NativeTool.Find("lz4");

    [Test]
    [CancelAfter(60_000)]
    public async Task Files_of_every_level_are_read(
        [Values("-1", "-2", "-3", "-4", "-5", "-6", "-7", "-8", "-9", "-10", "-11", "-12", "--fast=1", "--fast=9")] string level,
        [Values("", "--no-frame-crc", "-B4 -BX", "-B4 -BD", "-B5 -BD -BX", "-B7 -BI --content-size")] string options,
        CancellationToken cancellationToken)
    {
        byte[] bytes = Mixed();
        string[] arguments = [.. options.Split(' ', StringSplitOptions.RemoveEmptyEntries), level, "-c"];

        byte[] stream = await Tool.RunAsync(bytes, cancellationToken, arguments);

        Assert.That(new Lz4Codec().Decompress(stream, bytes.Length).AsSpan().SequenceEqual(bytes));
    }

    [Test]
    [Pairwise]
    [CancelAfter(60_000)]
    public async Task The_tool_reads_every_frame_of_ours(
        [Values(1, 3, 6, 9, 12)] int level,
        [Values] bool linked,
        [Values] bool checksums,
        [Values] bool contentSize,
        [Values] Lz4BlockSize blockSize,
        CancellationToken cancellationToken)
    {
        byte[] bytes = Mixed();
        var codec = new Lz4Codec(new Lz4FrameOptions
        {
            LinkedBlocks = linked,
            BlockChecksums = checksums,
            ContentChecksum = checksums,
            ContentSize = contentSize,
            BlockSize = blockSize,
        });

        byte[] read = await Tool.RunAsync(codec.Compress(bytes, level), cancellationToken, "-d", "-c");

        Assert.That(read.AsSpan().SequenceEqual(bytes));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task The_tool_reads_small_frames_of_ours([Values] CorpusKind kind, [Values(0, 1, 4, 5, 12, 13, 16, 17, 100)] int size, CancellationToken cancellationToken)
    {
        byte[] bytes = Corpus.Create(kind, size);

        Assert.That(await Tool.RunAsync(new Lz4Codec().Compress(bytes), cancellationToken, "-d", "-c"), Is.EqualTo(bytes));
    }

    private static byte[] Mixed() =>
    [
        .. Corpus.Create(CorpusKind.Json, 200_000),
        .. Corpus.Create(CorpusKind.Noise, 70_000),
        .. Corpus.Create(CorpusKind.Runs, 100_000),
        .. Corpus.Create(CorpusKind.Text, 150_000),
        .. Corpus.Create(CorpusKind.Binary, 100_001),
    ];
}
