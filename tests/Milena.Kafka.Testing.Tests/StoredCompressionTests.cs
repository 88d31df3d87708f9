using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Protocol.Records;
using static Milena.Kafka.Testing.Tests.Requests;

namespace Milena.Kafka.Testing.Tests;

/// <summary>Topics with a <c>compression.type</c> of their own store batches so, whatever the producer chose.</summary>
internal sealed class StoredCompressionTests : ClusterTest
{
    private static readonly string[] Values = [.. Enumerable.Range(0, 200).Select(i => $"value number {i}")];

    private static readonly Dictionary<string, CompressionType> Codecs = new()
    {
        ["uncompressed"] = CompressionType.None,
        ["gzip"] = CompressionType.Gzip,
        ["snappy"] = CompressionType.Snappy,
        ["lz4"] = CompressionType.Lz4,
        ["zstd"] = CompressionType.Zstd,
    };

    [Test]
    public async Task A_batch_is_stored_in_the_codec_of_its_topic_and_means_the_same(
        [Values] CompressionType produced, [Values("uncompressed", "gzip", "snappy", "lz4", "zstd")] string wanted, [Values] bool hasLogAppendTime)
    {
        Create(("compression.type", wanted), ("message.timestamp.type", hasLogAppendTime ? "LogAppendTime" : "CreateTime"));
        var producer = new BatchProducer(1234, 5, 0);
        RecordBatch sent = new RecordBatches(Compressed(produced, producer)).First();

        ProduceResponse.PartitionProduceResponse first = await Client.ProduceAsync(sent.Bytes, Bound);
        ProduceResponse.PartitionProduceResponse again = await Client.ProduceAsync(sent.Bytes, Bound);

        RecordBatch stored = Cluster.Batches(Topic, 0).Single();
        Assert.That((first.ErrorCode, again.ErrorCode, again.BaseOffset), Is.EqualTo((ErrorCode.None, ErrorCode.None, first.BaseOffset)), "a batch that comes again is known, though it looks otherwise");
        Assert.That(stored.Compression, Is.EqualTo(Codecs[wanted]));
        Assert.That(stored.HasValidCrc());
        Assert.That((stored.Producer, stored.LastSequence, stored.RecordCount), Is.EqualTo((producer, sent.LastSequence, sent.RecordCount)));
        Assert.That(Requests.Values(stored.Bytes), Is.EqualTo(Values));
        Assert.That(Cluster.Records(Topic, 0).Select(record => record.Offset), Is.EqualTo(Enumerable.Range(0, Values.Length)));
        Assert.That(
            Cluster.Records(Topic, 0).Select(record => record.Timestamp.ToUnixTimeMilliseconds()),
            hasLogAppendTime ? Is.All.EqualTo(first.LogAppendTimeMs) : Is.EqualTo(Enumerable.Range(0, Values.Length).Select(i => 1_700_000_000_000 + i)));
        Assert.That((await Client.FetchAsync(Fetch(0), Bound)).Records!.Value.Length, Is.EqualTo(stored.Bytes.Length));
    }

    [Test]
    public async Task A_topic_that_leaves_it_to_producers_stores_what_comes_byte_for_byte([Values] CompressionType produced)
    {
        Create(("compression.type", "producer"));
        byte[] sent = Compressed(produced, BatchProducer.None);

        await Client.ProduceAsync(sent, Bound);

        // Offset and leader epoch stand before the magic byte.
        Assert.That(Cluster.Batches(Topic, 0).Single().Bytes[16..].ToArray(), Is.EqualTo(sent[16..]));
    }

    [Test]
    public async Task The_level_of_the_topic_counts()
    {
        Create(("compression.type", "gzip"), ("compression.gzip.level", "1"));
        await Client.ProduceAsync(Batch(Values), Bound);
        await AlterAsync("compression.gzip.level", "9");
        await Client.ProduceAsync(Batch(Values), Bound);

        IReadOnlyList<RecordBatch> stored = Cluster.Batches(Topic, 0);
        Assert.That(stored[1].Bytes.Length, Is.LessThan(stored[0].Bytes.Length));
        Assert.That(Requests.Values(stored[1].Bytes), Is.EqualTo(Values));
    }

    [Test]
    public async Task What_becomes_too_large_is_refused()
    {
        Create(("compression.type", "uncompressed"), ("max.message.bytes", "1000"));

        Assert.That((await Client.ProduceAsync(Compressed(CompressionType.Zstd, BatchProducer.None, [new string('x', 2000)]), Bound)).ErrorCode, Is.EqualTo(ErrorCode.MessageTooLarge));
        Assert.That(Cluster.EndOffset(Topic, 0), Is.Zero);
    }

    [TestCase("0")]
    [TestCase("10")]
    [TestCase("-2")]
    public async Task A_level_that_gzip_does_not_have_is_refused(string level)
    {
        Create();

        Assert.That(await AlterAsync("compression.gzip.level", level), Is.EqualTo(ErrorCode.InvalidConfig));
    }

    private static byte[] Compressed(CompressionType type, BatchProducer producer, string[]? values = null)
    {
        RecordBatch plain = new RecordBatches(Batch(producer, values ?? Values)).First();
        return RecordBatchRecompression.Recompress(plain, type == CompressionType.None ? null : new BatchCompression(type, CompressionCodecs.Default.Get(type)));
    }

    private void Create(params (string Name, string Value)[] configs) => Cluster.CreateTopic(Topic, configs: configs.ToDictionary(config => config.Name, config => config.Value));

    private Task<ErrorCode> AlterAsync(string name, string value) => Client.SetConfigsAsync(ConfigResourceType.Topic, Topic, Bound, (name, value));
}
