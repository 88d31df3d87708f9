using Milena.Kafka.Compression.Tests.Support;

namespace Milena.Kafka.Compression.Tests.Zstandard;

/// <summary>Beside the <c>zstd</c> tool, in both directions.</summary>
[CancelAfter(120_000)]
public class ZstdToolTests
{
    private static readonly ZstdCodec Codec = new();

    [Test]
    public async Task Every_level_of_the_tool_is_read([Range(1, 22)] int level, [Values("--check", "--no-check")] string check, CancellationToken cancellationToken)
    {
        NativeTool tool = NativeTool.Find("zstd");
        foreach (CorpusKind kind in Enum.GetValues<CorpusKind>())
        {
            byte[] bytes = Corpus.Create(kind, 300_000, level);
            string[] arguments = ["-c", "--ultra", $"-{level}", check];

            // A stream of unknown size, for which the highest levels fill a gigabyte of tables; then with the size in the frame.
            if (level < 20 || kind == CorpusKind.Json)
            {
                Assert.That(Codec.Decompress(await tool.RunAsync(bytes, cancellationToken, arguments)).AsSpan().SequenceEqual(bytes), $"{kind}");
            }

            byte[] sized = await tool.RunAsync(bytes, cancellationToken, [.. arguments, $"--stream-size={bytes.Length}"]);
            Assert.That(Codec.Decompress(sized).AsSpan().SequenceEqual(bytes), $"{kind} of known size");
        }
    }

    [TestCase("--long", "-5")]
    [TestCase("--long=27", "-19")]
    [TestCase("--fast=1")]
    [TestCase("--fast=1000")]
    [TestCase("--rsyncable", "-T2")]
    [TestCase("--no-compress-literals")]
    [TestCase("--compress-literals", "--fast=3")]
    [TestCase("--target-compressed-block-size=1500")]
    [TestCase("--zstd=wlog=10,strategy=9", "--ultra")]
    [TestCase("--zstd=wlog=12,mml=3,strategy=5")]
    public async Task Options_of_the_tool_are_read(params string[] options)
    {
        NativeTool tool = NativeTool.Find("zstd");
        foreach (CorpusKind kind in Enum.GetValues<CorpusKind>())
        {
            byte[] bytes = Corpus.Create(kind, 200_000);
            byte[] stream = await tool.RunAsync(bytes, TestContext.CurrentContext.CancellationToken, ["-c", .. options]);
            Assert.That(Codec.Decompress(stream), Is.EqualTo(bytes), $"{kind}");
        }
    }

    [Test]
    public async Task A_window_of_2_GiB_is_read_only_where_it_is_allowed(CancellationToken cancellationToken)
    {
        byte[] bytes = Corpus.Create(CorpusKind.Json, 100_000);
        byte[] stream = await NativeTool.Find("zstd").RunAsync(bytes, cancellationToken, "-c", "--long=31", "-1");

        Assert.That(() => Codec.Decompress(stream), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("2,147,483,648"));
        Assert.That(new ZstdCodec { MaxWindowLog = 31 }.Decompress(stream), Is.EqualTo(bytes));
    }

    [Test]
    public async Task Frames_of_the_tool_one_after_the_other_are_read(CancellationToken cancellationToken)
    {
        NativeTool tool = NativeTool.Find("zstd");
        byte[] first = Corpus.Create(CorpusKind.Json, 90_000);
        byte[] second = Corpus.Create(CorpusKind.Runs, 50_000);
        byte[] one = await tool.RunAsync(first, cancellationToken, "-c", "-3");
        byte[] two = await tool.RunAsync(second, cancellationToken, "-c", "-9", "--check");

        Assert.That(Codec.Decompress([.. one, .. ZstdFrame.Skippable(4, 1, 2), .. two]), Is.EqualTo((byte[])[.. first, .. second]));
    }

    [Test]
    public async Task A_stream_made_with_a_dictionary_is_refused(CancellationToken cancellationToken)
    {
        NativeTool tool = NativeTool.Find("zstd");
        string folder = Directory.CreateTempSubdirectory("milena-zstd").FullName;
        try
        {
            for (int i = 0; i < 200; i++)
            {
                await File.WriteAllBytesAsync(Path.Combine(folder, $"sample{i}"), Corpus.Create(CorpusKind.Json, 700, i), cancellationToken);
            }

            string dictionary = Path.Combine(folder, "dictionary");
            await tool.RunAsync(default, cancellationToken, "-q", "-r", "--train", folder, "-o", dictionary, "--dictID=4711");
            byte[] stream = await tool.RunAsync(Corpus.Create(CorpusKind.Json, 700), cancellationToken, "-c", "-D", dictionary);

            Assert.That(() => Codec.Decompress(stream), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("dictionary 4711"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Test]
    public async Task The_tool_reads_every_level_of_ours([Values(-100, -1, 1, 2, 3, 4, 5, 7, 9, 12, 16, 22)] int level, [Values] bool plain, CancellationToken cancellationToken)
    {
        NativeTool tool = NativeTool.Find("zstd");
        var codec = new ZstdCodec { WritesContentSize = plain, WritesChecksum = !plain };
        foreach (CorpusKind kind in Enum.GetValues<CorpusKind>())
        {
            foreach (int size in new[] { 0, 1, 400, 300_000 })
            {
                byte[] bytes = Corpus.Create(kind, size, level + 200);
                byte[] stream = codec.Compress(bytes, level);
                Assert.That(await tool.RunAsync(stream, cancellationToken, "-dc"), Is.EqualTo(bytes), $"{kind}, {size} bytes");
            }
        }
    }

    [Test]
    public async Task The_tool_reads_four_mebibytes_of_ours([Values(1, 3, 9)] int level, CancellationToken cancellationToken)
    {
        byte[] bytes = Corpus.Create(CorpusKind.Json, Corpus.MaxSize);

        Assert.That(await NativeTool.Find("zstd").RunAsync(Codec.Compress(bytes, level), cancellationToken, "-dc"), Is.EqualTo(bytes));
    }

    // The tool keeps no more than the window, so that a match from further back would come out wrong.
    [Test]
    public async Task The_tool_reads_small_windows_of_ours([Values] CorpusKind kind, [Values(1, 3, 7)] int level, CancellationToken cancellationToken)
    {
        byte[] bytes = Corpus.Create(kind, 500_000);
        byte[] stream = SmallWindow.Compress(bytes, level);

        Assert.That(await NativeTool.Find("zstd").RunAsync(stream, cancellationToken, "-dc"), Is.EqualTo(bytes));
        Assert.That(Codec.Decompress(stream), Is.EqualTo(bytes));
    }
}
