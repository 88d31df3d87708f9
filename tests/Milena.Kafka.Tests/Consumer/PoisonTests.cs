using System.Text;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Tests.Consumer;

/// <summary>Records whose value cannot be read, and deserializers that wait.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public class PoisonTests : ConsumerTest
{
    private const string Dead = "orders.dead";

    [Test]
    public async Task By_default_the_reading_ends_with_the_record_and_its_bytes(CancellationToken cancellationToken)
    {
        await StoreWithPoisonAsync();
        await using Consumer<string, int> consumer = Create(PoisonPolicy.Throw);

        SerializationException fault = (await Assert.ThrowsAsync<SerializationException>(() => TakeValuesAsync(consumer, 5, cancellationToken)))!;

        Assert.That(fault.Record, Is.Not.Null);
        Assert.That((fault.Record!.TopicPartition, fault.Record.Offset, fault.Record.Part, fault.Record.UnixTimestamp), Is.EqualTo((First, 2L, RecordPart.Value, 1002L)));
        Assert.That(Encoding.UTF8.GetString(fault.Record.Key!.Value.Span), Is.EqualTo("k2"));
        Assert.That(fault.Record.Value!.Value.ToArray(), Is.EqualTo(new byte[] { 7, 7 }));
        Assert.That(consumer.Position(First), Is.EqualTo(2));
    }

    [Test]
    public async Task Skipped_records_are_left_out_one_by_one([Values] bool inBatches, CancellationToken cancellationToken)
    {
        await StoreWithPoisonAsync();
        await using Consumer<string, int> consumer = Create(PoisonPolicy.Skip);

        int[] values = inBatches ? await TakeFromBatchesAsync(consumer, 4, cancellationToken) : await TakeValuesAsync(consumer, 4, cancellationToken);

        Assert.That(values, Is.EqualTo(new[] { 0, 1, 3, 4 }));
        Assert.That(consumer.Position(First), Is.EqualTo(5));
    }

    [Test]
    public async Task A_handler_gets_them_in_their_turn(CancellationToken cancellationToken)
    {
        await StoreWithPoisonAsync();
        var handled = new List<long>();
        await using Consumer<string, int> consumer = Create(PoisonPolicy.Handle(async (record, _) =>
        {
            await Task.Yield();
            handled.Add(record.Offset);
        }));

        Assert.That(await TakeValuesAsync(consumer, 4, cancellationToken), Is.EqualTo(new[] { 0, 1, 3, 4 }));
        Assert.That(handled, Is.EqualTo(new long[] { 2 }));
    }

    [Test]
    public async Task A_handler_that_throws_ends_the_reading_before_the_record(CancellationToken cancellationToken)
    {
        await StoreWithPoisonAsync();
        await using Consumer<string, int> consumer = Create(PoisonPolicy.Handle((_, _) => throw new TimeoutException()));

        await Assert.ThrowsAsync<TimeoutException>(() => TakeValuesAsync(consumer, 4, cancellationToken));
        Assert.That(consumer.Position(First), Is.EqualTo(2));
    }

    [Test]
    public async Task Dead_letters_carry_bytes_and_origin(CancellationToken cancellationToken)
    {
        await StoreWithPoisonAsync();
        await using Consumer<string, int> consumer = Create(PoisonPolicy.DeadLetter(Dead));

        Assert.That(await TakeValuesAsync(consumer, 4, cancellationToken), Is.EqualTo(new[] { 0, 1, 3, 4 }));

        Testing.StoredRecord letter = Cluster.Records(Dead, 0).Single();
        Dictionary<string, string> headers = letter.Headers.ToDictionary(h => h.Key, h => Encoding.UTF8.GetString(h.Value!.Value.Span));
        Assert.That(letter.Value!.Value.ToArray(), Is.EqualTo(new byte[] { 7, 7 }));
        Assert.That(Encoding.UTF8.GetString(letter.Key!.Value.Span), Is.EqualTo("k2"));
        Assert.That(headers, Is.SupersetOf(new Dictionary<string, string>
        {
            [FailureHeaders.Topic] = Topic,
            [FailureHeaders.Partition] = "0",
            [FailureHeaders.Offset] = "2",
            [FailureHeaders.Timestamp] = "1002",
            [FailureHeaders.Part] = "value",
            [FailureHeaders.ExceptionType] = typeof(SerializationException).FullName!,
        }));
    }

    [Test]
    public async Task The_position_stays_before_a_record_whose_dead_letter_is_not_stored(CancellationToken cancellationToken)
    {
        await StoreWithPoisonAsync();
        await using Consumer<string, int> consumer = Create(PoisonPolicy.DeadLetter(Dead));
        Cluster.FailNext(ApiKey.Produce, ErrorCode.TopicAuthorizationFailed);

        DeadLetterException fault = (await Assert.ThrowsAsync<DeadLetterException>(() => TakeValuesAsync(consumer, 4, cancellationToken)))!;

        Assert.That((fault.Partition, fault.Offset, fault.Target), Is.EqualTo((First, 2L, Dead)));
        Assert.That(consumer.Position(First), Is.EqualTo(2));
        Assert.That(await TakeValuesAsync(consumer, 2, cancellationToken), Is.EqualTo(new[] { 3, 4 }), "the next reading meets the record again, and stores its letter");
        Assert.That(Cluster.Records(Dead, 0), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Deserializers_may_wait_for_some_records([Values] bool inBatches, CancellationToken cancellationToken)
    {
        await StoreWithPoisonAsync();
        await using Consumer<string, int> consumer = Create(PoisonPolicy.Skip, new NowAndThen());

        int[] values = inBatches ? await TakeFromBatchesAsync(consumer, 4, cancellationToken) : await TakeValuesAsync(consumer, 4, cancellationToken);

        Assert.That(values, Is.EqualTo(new[] { 0, 1, 3, 4 }));
    }

    [Test]
    public async Task A_deserializer_that_fails_later_ends_the_reading_at_its_record([Values] bool inBatches, CancellationToken cancellationToken)
    {
        await StoreWithPoisonAsync();
        await using Consumer<string, int> consumer = Create(PoisonPolicy.Throw, new NowAndThen());

        SerializationException fault = (await Assert.ThrowsAsync<SerializationException>(
            () => inBatches ? TakeFromBatchesAsync(consumer, 4, cancellationToken) : TakeValuesAsync(consumer, 4, cancellationToken)))!;

        Assert.That(fault.Record!.Offset, Is.EqualTo(2));
        Assert.That(consumer.Position(First), Is.EqualTo(2));
    }

    [Test]
    public async Task Interceptors_see_records_and_cannot_break_anything(CancellationToken cancellationToken)
    {
        await StoreWithPoisonAsync();
        var counting = new Adder();
        await using Consumer<string, int> consumer = Kafka.CreateConsumer<string, int>(
            new ConsumerOptions { PoisonRecords = PoisonPolicy.Skip, GroupId = "billing" }, interceptors: [new Thrower(), counting]);
        consumer.Assign(new PartitionStart(First, StartPosition.Beginning));

        Assert.That(await TakeValuesAsync(consumer, 4, cancellationToken), Is.EqualTo(new[] { 100, 101, 103, 104 }));
        await consumer.CommitAsync([new PartitionOffset(First, 3)], cancellationToken);
        Assert.That(counting.Commits, Is.EqualTo(new[] { 3L }));
    }

    private static async Task<int[]> TakeValuesAsync(Consumer<string, int> consumer, int count, CancellationToken cancellationToken)
    {
        var values = new List<int>();
        await foreach (ConsumeResult<string, int> record in consumer.ConsumeAsync(cancellationToken))
        {
            values.Add(record.Value);
            if (values.Count == count)
            {
                break;
            }
        }

        return [.. values];
    }

    private static async Task<int[]> TakeFromBatchesAsync(Consumer<string, int> consumer, int count, CancellationToken cancellationToken)
    {
        var values = new List<int>();
        await foreach (ConsumeBatch<string, int> batch in consumer.ConsumeBatchesAsync(cancellationToken))
        {
            values.AddRange(batch.Select(r => r.Value));
            if (values.Count >= count)
            {
                break;
            }
        }

        return [.. values];
    }

    private Consumer<string, int> Create(PoisonPolicy policy, IDeserializer<int>? values = null)
    {
        Consumer<string, int> consumer = Kafka.CreateConsumer<string, int>(new ConsumerOptions { PoisonRecords = policy }, valueDeserializer: values);
        consumer.Assign(new PartitionStart(First, StartPosition.Beginning));
        return consumer;
    }

    /// <summary>Five records with the values 0 to 4, of which that at offset 2 has two bytes only.</summary>
    private async Task StoreWithPoisonAsync()
    {
        await StartAsync();
        Cluster.CreateTopic(Dead, 1);
        await StoreAsync(0, batch =>
        {
            for (int i = 0; i < 5; i++)
            {
                batch.TryAppend(1000 + i, Utf8($"k{i}"), i == 2 ? (byte[])[7, 7] : [0, 0, 0, (byte)i]);
            }
        });
    }

    /// <summary>Waits for odd values, and for those that it cannot read.</summary>
    private sealed class NowAndThen : IAsyncDeserializer<int>
    {
        public ValueTask<int> DeserializeAsync(ReadOnlyMemory<byte> bytes, bool isNull, SerializationContext context, CancellationToken cancellationToken) =>
            bytes.Span[^1] % 2 == 0 ? new(bytes.Span[^1]) : WaitAsync(bytes);

        private static async ValueTask<int> WaitAsync(ReadOnlyMemory<byte> bytes)
        {
            await Task.Yield();
            return Serde.Int32.Deserialize(bytes.Span, false, default);
        }
    }

    private sealed class Thrower : IConsumerInterceptor<string, int>
    {
        public ConsumeResult<string, int> OnConsume(in ConsumeResult<string, int> record) => throw new InvalidOperationException();

        public void OnCommit(IReadOnlyList<PartitionOffset> offsets) => throw new InvalidOperationException();
    }

    private sealed class Adder : IConsumerInterceptor<string, int>
    {
        public List<long> Commits { get; } = [];

        public ConsumeResult<string, int> OnConsume(in ConsumeResult<string, int> record) => record.With(record.Key, record.Value + 100);

        public void OnCommit(IReadOnlyList<PartitionOffset> offsets) => Commits.AddRange(offsets.Select(o => o.Offset));
    }
}
