using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Records;
using Milena.Kafka.Testing;
using Milena.Kafka.Tests.Support;

namespace Milena.Kafka.Tests.Admin;

/// <summary>That the embedded cluster deletes and compacts as topics' settings say, by its own clock.</summary>
public class CleanupTests : AdminTest
{
    private readonly ManualTimeProvider _time = new();

    protected override int Brokers => 1;

    protected override void Configure(TestClusterOptions options) => options.TimeProvider = _time;

    [Test]
    public async Task Records_older_than_the_retention_are_gone_with_the_next_request()
    {
        Create("delete", ("message.timestamp.type", "LogAppendTime"), ("retention.ms", "600000"), ("segment.ms", "60000"));
        await ProduceAsync("t", ("k", "old"));
        _time.Advance(TimeSpan.FromMinutes(9));
        await ProduceAsync("t", ("k", "young"));
        Assert.That(Stored("t"), Has.Count.EqualTo(2));

        _time.Advance(TimeSpan.FromMinutes(6));
        ListedOffset earliest = await EarliestAsync();

        Assert.That(earliest.Offset, Is.EqualTo(1));
        Assert.That(Stored("t"), Is.EqualTo(new[] { "1:k=young" }));
    }

    [Test]
    public async Task A_retention_that_is_shortened_counts_for_what_is_there_and_the_end_stays()
    {
        Create("delete", ("message.timestamp.type", "LogAppendTime"));
        await ProduceAsync("t", ("k", "1"), ("k", "2"));
        _time.Advance(TimeSpan.FromHours(1));
        Cluster.CleanLogs();
        Assert.That(Stored("t"), Has.Count.EqualTo(2), "a week is the default");

        (await Admin.AlterConfigsAsync(new Dictionary<ConfigResource, IReadOnlyCollection<ConfigChange>> { [ConfigResource.Topic("t")] = [ConfigChange.Set("retention.ms", "1000")] }, cancellationToken: Bound)).ThrowIfAnyFailed();
        Cluster.CleanLogs("t");

        Assert.That((Stored("t").Count, Cluster.EndOffset("t", 0), (await EarliestAsync()).Offset), Is.EqualTo((0, 2L, 2L)));
        await ProduceAsync("t", ("k", "3"));
        Assert.That(Stored("t"), Is.EqualTo(new[] { "2:k=3" }));
    }

    [Test]
    public async Task A_compacted_log_keeps_the_last_record_of_each_key_at_its_offset()
    {
        Create("compact");
        await ProduceAsync("t", ("a", "1"), ("b", "1"), ("a", "2"), ("c", "1"), ("b", "2"));

        Cluster.CleanLogs("t");

        Assert.That(Stored("t"), Is.EqualTo(new[] { "2:a=2", "3:c=1", "4:b=2" }));
        Assert.That(await ReadAsync(), Is.EqualTo(new[] { "2:a=2", "3:c=1", "4:b=2" }));
        Assert.That((await EarliestAsync()).Offset, Is.EqualTo(0), "the log begins where it began");
    }

    [TestCase(CompressionType.None)]
    [TestCase(CompressionType.Gzip)]
    [TestCase(CompressionType.Zstd)]
    public async Task A_batch_loses_some_of_its_records_and_stays_whole(CompressionType compression)
    {
        Create("compact");
        await using Producer<string, string> producer = Kafka.CreateProducer<string, string>(new ProducerOptions { Compression = compression, Linger = TimeSpan.FromMilliseconds(200) });
        await Task.WhenAll(Enumerable.Range(0, 100).Select(i => producer.ProduceAsync("t", $"key{i % 10}", $"value{i}", Bound).AsTask()));
        int batches = Cluster.Batches("t", 0).Count;
        Assert.That(batches, Is.LessThan(100));

        Cluster.CleanLogs("t");

        Assert.That(Stored("t"), Is.EqualTo(Enumerable.Range(90, 10).Select(i => $"{i}:key{i % 10}=value{i}")));
        Assert.That(Cluster.Batches("t", 0).All(batch => batch.HasValidCrc()));
        Assert.That(await ReadAsync(), Is.EqualTo(Stored("t")));
    }

    [Test]
    public async Task A_tombstone_goes_when_its_time_is_over_and_its_key_with_it()
    {
        Create("compact", ("delete.retention.ms", "60000"));
        await ProduceAsync("t", ("a", "1"), ("a", null), ("b", "1"));

        Cluster.CleanLogs("t");
        Assert.That(Stored("t"), Is.EqualTo(new[] { "1:a=-", "2:b=1" }));
        Assert.That(Cluster.Batches("t", 0)[0].DeleteHorizon, Is.EqualTo(_time.GetUtcNow().AddMinutes(1).ToUnixTimeMilliseconds()));
        _time.Advance(TimeSpan.FromSeconds(59));
        Cluster.CleanLogs("t");
        Assert.That(Stored("t"), Has.Count.EqualTo(2));
        _time.Advance(TimeSpan.FromSeconds(1));
        Cluster.CleanLogs("t");

        Assert.That(Stored("t"), Is.EqualTo(new[] { "2:b=1" }));
        Assert.That(await ReadAsync(), Is.EqualTo(new[] { "2:b=1" }));
    }

    [Test]
    public async Task A_log_of_nothing_but_a_dead_tombstone_still_tells_its_end()
    {
        Create("compact", ("delete.retention.ms", "0"));
        await ProduceAsync("t", ("a", null));

        Cluster.CleanLogs("t");
        Cluster.CleanLogs("t");

        Assert.That((Stored("t").Count, Cluster.EndOffset("t", 0)), Is.EqualTo((0, 1L)));
        Assert.That(await ReadAsync(), Is.Empty);
        await ProduceAsync("t", ("b", "1"));
        Assert.That(await ReadAsync(), Is.EqualTo(new[] { "1:b=1" }));
    }

    [Test]
    public async Task Aborted_records_go_at_once_and_markers_when_they_mark_nothing_any_more()
    {
        Create("compact", ("delete.retention.ms", "60000"));
        await using Producer<string, string> producer = Kafka.CreateProducer<string, string>(new ProducerOptions { TransactionalId = "t" });
        await TransactAsync(producer, commit: true, ("a", "1"));
        await TransactAsync(producer, commit: false, ("a", "never"), ("b", "never"));
        await TransactAsync(producer, commit: true, ("a", "2"));
        int markers = Cluster.Batches("t", 0).Count(batch => batch.IsControl);

        Cluster.CleanLogs("t");
        Assert.That(Stored("t").Select(record => record.Split(':')[1]), Is.EqualTo(new[] { "a=2" }));
        Assert.That(Cluster.Batches("t", 0).Count(batch => batch.IsControl), Is.EqualTo(markers), "this pass still met what they mark");
        Assert.That(await ReadAsync(), Is.EqualTo(Stored("t")));
        Cluster.CleanLogs("t");
        _time.Advance(TimeSpan.FromMinutes(1));
        Cluster.CleanLogs("t");

        Assert.That(Cluster.Batches("t", 0).Count(batch => batch.IsControl), Is.EqualTo(1), "the last one marks what is there");
        Assert.That(await ReadAsync(), Is.EqualTo(Stored("t")));
        await TransactAsync(producer, commit: true, ("c", "3"));
        Assert.That((await ReadAsync()).Select(record => record.Split(':')[1]), Is.EqualTo(new[] { "a=2", "c=3" }));
    }

    [Test]
    public async Task Nothing_is_compacted_that_is_too_young_or_in_an_open_transaction()
    {
        Create("compact", ("min.compaction.lag.ms", "60000"), ("message.timestamp.type", "LogAppendTime"));
        await ProduceAsync("t", ("a", "1"), ("a", "2"));

        Cluster.CleanLogs("t");
        Assert.That(Stored("t"), Has.Count.EqualTo(2));
        _time.Advance(TimeSpan.FromMinutes(1));
        await using Producer<string, string> producer = Kafka.CreateProducer<string, string>(new ProducerOptions { TransactionalId = "t" });
        await using ProducerTransaction<string, string> open = await producer.BeginTransactionAsync(Bound);
        await open.ProduceAsync("t", "a", "3", Bound);
        Cluster.CleanLogs("t");

        Assert.That(Stored("t"), Is.EqualTo(new[] { "1:a=2", "2:a=3" }));
    }

    [Test]
    public async Task Logs_are_compacted_by_themselves_but_for_their_newest_segment()
    {
        Create("compact", ("segment.bytes", "200"), ("min.cleanable.dirty.ratio", "0"));
        await ProduceAsync("t", [.. Enumerable.Range(0, 10).Select(i => ("a", (string?)new string('x', 100 + i)))]);

        _time.Advance(TimeSpan.FromMinutes(5));
        await EarliestAsync();

        Assert.That(Stored("t").Select(record => record.Split(':')[0]), Is.EqualTo(new[] { "8", "9" }));
    }

    private void Create(string policy, params (string Name, string Value)[] configs) =>
        Cluster.CreateTopic("t", configs: configs.Append(("cleanup.policy", policy)).ToDictionary(config => config.Item1, config => config.Item2));

    private async Task<ListedOffset> EarliestAsync() =>
        (await Admin.ListOffsetsAsync(new Dictionary<TopicPartition, OffsetSpec> { [new("t", 0)] = OffsetSpec.Earliest }, cancellationToken: Bound))[new("t", 0)];

    private static async Task TransactAsync(Producer<string, string> producer, bool commit, params (string Key, string Value)[] records)
    {
        await using ProducerTransaction<string, string> transaction = await producer.BeginTransactionAsync(Bound);
        foreach ((string key, string value) in records)
        {
            await transaction.ProduceAsync("t", key, value, Bound);
        }

        await (commit ? transaction.CommitAsync(Bound) : transaction.AbortAsync(Bound));
    }

    private async Task<IReadOnlyList<string>> ReadAsync()
    {
        await using Consumer<string, string?> consumer = Kafka.CreateConsumer<string, string?>(new ConsumerOptions { IsolationLevel = IsolationLevel.ReadCommitted });
        await consumer.AssignTopicAsync("t", StartPosition.Beginning, Bound);
        var read = new List<string>();
        await foreach (ConsumeResult<string, string?> record in consumer.ConsumeToEndAsync(Bound))
        {
            read.Add($"{record.Offset}:{record.Key}={record.Value ?? "-"}");
        }

        return read;
    }
}
