using System.Collections.Concurrent;
using Milena.Kafka.Protocol;
using Milena.Kafka.Testing;
using Milena.Kafka.Tests.Support;

namespace Milena.Kafka.Tests.Producer;

/// <summary>What sees records go and end.</summary>
public class InterceptorTests : ProducerTest
{
    [Test]
    public async Task A_chain_changes_records_in_order_and_hears_of_their_end(CancellationToken cancellationToken)
    {
        var first = new Noting("1");
        var second = new Noting("2");
        await using Producer<string?, string?> producer = Kafka.CreateProducer<string?, string?>(interceptors: [first, second]);
        var headers = new Headers { { "own", "x" } };

        DeliveryResult stored = await producer.ProduceAsync(To(0, "v") with { Headers = headers }, cancellationToken);
        await producer.FlushAsync(cancellationToken);

        Assert.That(Values(0), Is.EqualTo(new[] { "v12" }));
        Assert.That(Cluster.Records(Topic, 0)[0].Headers.Select(h => h.Key), Is.EqualTo(new[] { "own", "1", "2" }));
        Assert.That(headers, Has.Count.EqualTo(1));
        Assert.That(first.Stored.Single(), Is.EqualTo(("v12", stored)));
        Assert.That(second.Stored.Single(), Is.EqualTo(("v12", stored)));
        Assert.That(first.Failed, Is.Empty);
    }

    [Test]
    public async Task Every_record_has_one_end_however_it_was_produced(CancellationToken cancellationToken)
    {
        var noting = new Noting("");
        await using Producer<string?, string?> producer = Kafka.CreateProducer<string?, string?>(new ProducerOptions { BatchSize = 512 }, interceptors: [noting]);
        Cluster.Fail(ApiKey.Produce, ErrorCode.TopicAuthorizationFailed, new FaultScope { Skip = 1, Count = 3 });
        Cluster.Fail(ApiKey.Produce, ErrorCode.MessageTooLarge, new FaultScope { Skip = 5, Count = 1 });
        for (int i = 0; i < 1_000; i++)
        {
            await producer.EnqueueAsync(To(i % 3, $"{i}"), cancellationToken);
        }

        ProduceManyResult many = await producer.ProduceManyAsync(Enumerable.Range(1_000, 500).Select(i => To(i % 3, $"{i}")), cancellationToken);
        await producer.FlushAsync(cancellationToken);

        Assert.That(noting.Stored.Select(s => s.Value).Concat(noting.Failed.Select(f => f.Value)), Is.EquivalentTo(Enumerable.Range(0, 1_500).Select(i => $"{i}")));
        Assert.That(noting.Failed, Is.Not.Empty);
        Assert.That(noting.Failed.Select(f => f.Failure), Is.All.TypeOf<DeliveryException>());
        foreach ((string value, DeliveryResult result) in noting.Stored)
        {
            Assert.That(Values(result.Partition)[(int)result.Offset], Is.EqualTo(value));
        }

        Assert.That(noting.Stored.Count(s => int.Parse(s.Value, null) >= 1_000), Is.EqualTo(many.StoredCount));
    }

    [Test]
    public async Task A_record_that_is_refused_has_its_end_too(CancellationToken cancellationToken)
    {
        var noting = new Noting("");
        await using Producer<string?, string?> producer = Kafka.CreateProducer<string?, string?>(new ProducerOptions { MaxRequestSize = 1_000, MaxBlock = TimeSpan.FromMilliseconds(100) }, interceptors: [noting]);

        Assert.That(async () => await producer.ProduceAsync(To(0, new string('x', 2_000)), cancellationToken), Throws.TypeOf<RecordTooLargeException>());
        Assert.That(async () => await producer.ProduceAsync(new ProducerRecord<string?, string?>("missing", null, "x"), cancellationToken), Throws.InstanceOf<KafkaException>());

        Assert.That(noting.Failed.Select(f => f.Failure.GetType()), Is.EqualTo(new[] { typeof(RecordTooLargeException), typeof(UnknownTopicException) }));
    }

    [Test]
    public async Task What_one_throws_is_logged_and_breaks_nothing(CancellationToken cancellationToken)
    {
        using var log = new RecordingLoggerFactory();
        KafkaClientOptions options = ClientOptions(Cluster.BootstrapServers);
        options.LoggerFactory = log;
        await using var kafka = new KafkaClient(options);
        var noting = new Noting("!");
        await using Producer<string?, string?> producer = kafka.CreateProducer<string?, string?>(interceptors: [new Throwing(), new Emptying(), noting]);

        await producer.ProduceAsync(To(0, "v"), cancellationToken);
        Cluster.FailNext(ApiKey.Produce, ErrorCode.TopicAuthorizationFailed);
        await ProducerFaultTests.FailureOfAsync(producer.ProduceAsync(To(0, "w"), cancellationToken));
        await producer.FlushAsync(cancellationToken);

        Assert.That(Values(0), Is.EqualTo(new[] { "v!" }));
        Assert.That((noting.Stored.Count, noting.Failed.Count), Is.EqualTo((1, 1)));
        Assert.That(log.Of(312).Select(e => e.Message.Split(';')[0]), Is.EquivalentTo(new[]
        {
            "Throwing threw in OnSend", "Throwing threw in OnSend", "Emptying threw in OnSend", "Emptying threw in OnSend", "Throwing threw in OnStored", "Throwing threw in OnFailed",
        }));
    }

    [Test]
    public void None_of_a_chain_may_be_null() =>
        Assert.That(() => Kafka.CreateProducer<string, string>(interceptors: [null!]), Throws.ArgumentException);

    private sealed class Noting(string mark) : IProducerInterceptor<string?, string?>
    {
        public ConcurrentQueue<(string Value, DeliveryResult Result)> Stored { get; } = new();

        public ConcurrentQueue<(string Value, Exception Failure)> Failed { get; } = new();

        public ProducerRecord<string?, string?> OnSend(in ProducerRecord<string?, string?> record)
        {
            if (mark.Length == 0)
            {
                return record;
            }

            Headers headers = [.. record.Headers ?? [], new Kafka.Protocol.Records.RecordHeader(mark, default(byte[]))];
            return record with { Value = record.Value + mark, Headers = headers };
        }

        public void OnStored(in ProducerRecord<string?, string?> record, in DeliveryResult result) => Stored.Enqueue((record.Value!, result));

        public void OnFailed(in ProducerRecord<string?, string?> record, Exception failure) => Failed.Enqueue((record.Value!, failure));
    }

    private sealed class Throwing : IProducerInterceptor<string?, string?>
    {
        public ProducerRecord<string?, string?> OnSend(in ProducerRecord<string?, string?> record) => throw new FormatException();

        public void OnStored(in ProducerRecord<string?, string?> record, in DeliveryResult result) => throw new FormatException();

        public void OnFailed(in ProducerRecord<string?, string?> record, Exception failure) => throw new FormatException();
    }

    private sealed class Emptying : IProducerInterceptor<string?, string?>
    {
        public ProducerRecord<string?, string?> OnSend(in ProducerRecord<string?, string?> record) => default;
    }
}
