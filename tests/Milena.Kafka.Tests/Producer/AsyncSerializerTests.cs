using System.Buffers;
using System.Text;
using Milena.Kafka.Testing;

namespace Milena.Kafka.Tests.Producer;

/// <summary>Serializers that may have to wait.</summary>
public class AsyncSerializerTests : ProducerTest
{
    [Test]
    public async Task One_that_does_not_wait_is_as_good_as_any(CancellationToken cancellationToken)
    {
        await using Producer<string?, string?> producer = Kafka.CreateProducer<string?, string?>(keySerializer: new Waiting(), valueSerializer: new Waiting());

        for (int i = 0; i < 100; i++)
        {
            await producer.ProduceAsync(To(0, $"{i}", key: i % 2 == 0 ? null : $"k{i}"), cancellationToken);
        }

        Assert.That(Values(0), Is.EqualTo(Enumerable.Range(0, 100).Select(i => $"{i}")));
        Assert.That(Cluster.Records(Topic, 0).Select(r => r.Key is { } key ? Encoding.UTF8.GetString(key.Span) : null), Is.EqualTo(Enumerable.Range(0, 100).Select(i => i % 2 == 0 ? null : $"k{i}")));
    }

    [Test]
    public async Task Later_records_of_the_topic_stand_behind_one_whose_serializer_waits([Values] bool asKey, CancellationToken cancellationToken)
    {
        Cluster.CreateTopic("other", partitions: 1);
        var serializer = new Waiting();
        await using Producer<string?, string?> producer = Kafka.CreateProducer<string?, string?>(keySerializer: asKey ? serializer : null, valueSerializer: asKey ? null : serializer);
        await producer.ProduceAsync(To(0, "warm", "warm"), cancellationToken);
        TaskCompletionSource gate = serializer.HoldNext();
        var results = new List<Task<DeliveryResult>>();
        for (int i = 0; i < 50; i++)
        {
            results.Add(producer.ProduceAsync(To(0, $"{i}", $"{i}"), cancellationToken).AsTask());
        }

        DeliveryResult other = await producer.ProduceAsync("other", "k", "v", cancellationToken);
        Assert.That(other.Offset, Is.Zero, "other topics go on");
        Assert.That(results.Select(r => r.IsCompleted), Is.All.False);
        gate.SetResult();
        await Task.WhenAll(results);

        Assert.That(Values(0), Is.EqualTo(Enumerable.Range(0, 50).Select(i => $"{i}").Prepend("warm")));
    }

    [Test]
    public async Task One_that_fails_after_waiting_fails_its_record_alone(CancellationToken cancellationToken)
    {
        var serializer = new Waiting();
        await using Producer<string?, string?> producer = Kafka.CreateProducer<string?, string?>(valueSerializer: serializer);
        TaskCompletionSource gate = serializer.HoldNext();
        Task<DeliveryResult> failing = producer.ProduceAsync(To(0, "failing"), cancellationToken).AsTask();
        Task<DeliveryResult> behind = producer.ProduceAsync(To(0, "behind"), cancellationToken).AsTask();

        gate.SetException(new FormatException("no such schema"));

        Assert.That(async () => await failing, Throws.TypeOf<SerializationException>().With.InnerException.TypeOf<FormatException>());
        Assert.That((await behind).Offset, Is.Zero);
        Assert.That(
            async () => await producer.ProduceAsync(To(0, "unwell"), cancellationToken), Throws.TypeOf<SerializationException>(), "also without waiting");
    }

    [Test]
    public async Task One_that_waits_for_ever_is_bounded_by_MaxBlock_the_token_and_the_end(CancellationToken cancellationToken)
    {
        var serializer = new Waiting();
        Producer<string?, string?> patient = Kafka.CreateProducer<string?, string?>(valueSerializer: serializer);
        await using Producer<string?, string?> producer = Kafka.CreateProducer<string?, string?>(new ProducerOptions { MaxBlock = TimeSpan.FromMilliseconds(200) }, valueSerializer: serializer);
        await producer.ProduceAsync(To(0, "warm"), cancellationToken);

        serializer.HoldNext();
        Assert.That(async () => await producer.ProduceAsync(To(0, "late"), cancellationToken), Throws.TypeOf<SerializationException>().With.Message.Contains("MaxBlock"));
        using var patience = new CancellationTokenSource();
        serializer.HoldNext();
        Task<DeliveryResult> cancelled = patient.ProduceAsync(To(0, "cancelled"), patience.Token).AsTask();
        await patience.CancelAsync();
        Assert.That(async () => await cancelled, Throws.InstanceOf<OperationCanceledException>());
        await patient.ProduceAsync(To(0, "next"), cancellationToken);
        serializer.HoldNext();
        Task<DeliveryResult> disposed = patient.ProduceAsync(To(0, "disposed"), CancellationToken.None).AsTask();
        await patient.DisposeAsync();
        Assert.That(async () => await disposed, Throws.TypeOf<ObjectDisposedException>());

        Assert.That(Values(0), Is.EqualTo(new[] { "warm", "next" }));
    }

    [Test]
    public async Task A_record_that_turns_out_too_large_is_refused(CancellationToken cancellationToken)
    {
        var serializer = new Waiting();
        await using Producer<string?, string?> producer = Kafka.CreateProducer<string?, string?>(new ProducerOptions { MaxRequestSize = 1_000 }, valueSerializer: serializer);
        TaskCompletionSource gate = serializer.HoldNext();
        Task<DeliveryResult> large = producer.ProduceAsync(To(0, new string('x', 2_000)), cancellationToken).AsTask();
        gate.SetResult();

        Assert.That(async () => await large, Throws.TypeOf<RecordTooLargeException>());
        Assert.That((await producer.ProduceAsync(To(0, "small"), cancellationToken)).Offset, Is.Zero);
    }

    [Test]
    public void Who_cannot_wait_is_told_so() =>
        Assert.That(
            () => ((ISerializer<string?>)new Waiting()).Serialize("x", new ArrayBufferWriter<byte>(), new SerializationContext(Topic, RecordPart.Value)),
            Throws.TypeOf<NotSupportedException>().With.Message.Contains("SerializeAsync"));

    /// <summary>Text that waits where a test wants it to.</summary>
    private sealed class Waiting : IAsyncSerializer<string?>
    {
        private TaskCompletionSource? _next;

        public TaskCompletionSource HoldNext() => _next = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        public ValueTask SerializeAsync(string? value, IBufferWriter<byte> output, SerializationContext context, CancellationToken cancellationToken)
        {
            TaskCompletionSource? gate = Interlocked.Exchange(ref _next, null);
            if (gate is not null)
            {
                return WaitAsync(gate.Task, value!, output);
            }

            return value == "unwell" ? throw new FormatException("not today") : Write(value!, output);
        }

        private static async ValueTask WaitAsync(Task gate, string value, IBufferWriter<byte> output)
        {
            await gate;
            await Write(value, output);
        }

        private static ValueTask Write(string value, IBufferWriter<byte> output)
        {
            Encoding.UTF8.GetBytes(value, output);
            return default;
        }
    }
}
