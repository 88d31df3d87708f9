using Milena.Kafka.Compression.Tests.Support;

namespace Milena.Kafka.Compression.Tests.Gzip;

/// <summary>Both directions against the gzip command line tool.</summary>
[CancelAfter(60_000)]
public class GzipToolTests
{
    private static readonly GzipCodec Codec = new();

    [Test]
    public async Task Every_level_of_the_tool_is_read([Range(1, 9)] int level, [Values("", "--rsyncable")] string option, CancellationToken cancellationToken)
    {
        NativeTool tool = NativeTool.Find("gzip");
        foreach (CorpusKind kind in Enum.GetValues<CorpusKind>())
        {
            byte[] bytes = Corpus.Create(kind, 300_000, level);
            string[] arguments = [.. option.Split(' ', StringSplitOptions.RemoveEmptyEntries), $"-{level}", "-c"];

            Assert.That(Codec.Decompress(await tool.RunAsync(bytes, cancellationToken, arguments), bytes.Length).AsSpan().SequenceEqual(bytes), $"{kind}");
        }
    }

    [Test]
    public async Task The_tool_reads_every_level_of_ours([Values] CorpusKind kind, [Range(1, 9)] int level, CancellationToken cancellationToken)
    {
        NativeTool tool = NativeTool.Find("gzip");
        foreach (int size in new[] { 0, 1, 400, 300_000 })
        {
            byte[] bytes = Corpus.Create(kind, size);

            Assert.That((await tool.RunAsync(Codec.Compress(bytes, level), cancellationToken, "-dc")).AsSpan().SequenceEqual(bytes), $"{size} bytes");
        }
    }

    [Test]
    public async Task Members_of_both_one_after_the_other_are_read_by_both(CancellationToken cancellationToken)
    {
        NativeTool tool = NativeTool.Find("gzip");
        byte[] bytes = Corpus.Create(CorpusKind.Json, 90_000);
        byte[] theirs = await tool.RunAsync(bytes, cancellationToken, "-9", "-c");
        byte[] stream = [.. theirs, .. Codec.Compress(bytes), .. theirs];
        byte[] expected = [.. bytes, .. bytes, .. bytes];

        Assert.That(Codec.Decompress(stream).AsSpan().SequenceEqual(expected));
        Assert.That((await tool.RunAsync(stream, cancellationToken, "-dc")).AsSpan().SequenceEqual(expected));
    }
}
