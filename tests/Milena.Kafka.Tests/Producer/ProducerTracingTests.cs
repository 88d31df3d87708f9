using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Milena.Kafka.Protocol;
using Milena.Kafka.Testing;

namespace Milena.Kafka.Tests.Producer;

/// <summary>Spans of records, and their context in the headers. The listener wants spans of its own topic only, since listeners hear the whole process.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public class ProducerTracingTests : ProducerTest
{
    private const string Traced = "traced-payments";

    private readonly ConcurrentQueue<Activity> _ended = new();

    [SetUp]
    public void CreateTracedTopic() => Cluster.CreateTopic(Traced, partitions: 1);

    [Test]
    public async Task A_record_has_a_span_and_carries_its_context(CancellationToken cancellationToken)
    {
        using ActivityListener listener = Listen();
        await using Producer<string?, string?> producer = CreateProducer();
        using var caller = new Activity("caller");
        caller.TraceStateString = "vendor=1";
        caller.Start();

        Task<DeliveryResult> producing = producer.ProduceAsync(Traced, "key", "v", cancellationToken).AsTask();
        Assert.That(Activity.Current, Is.SameAs(caller), "the caller's own context stays");
        await producing;
        await producer.ProduceAsync(Traced, null, null, cancellationToken);
        await producer.FlushAsync(cancellationToken);

        Activity span = _ended.First();
        Assert.That((span.OperationName, span.Kind, span.ParentSpanId, span.Status), Is.EqualTo(($"send {Traced}", ActivityKind.Producer, caller.SpanId, ActivityStatusCode.Unset)));
        Assert.That(span.TagObjects, Is.EquivalentTo(new Dictionary<string, object?>
        {
            ["messaging.system"] = "kafka",
            ["messaging.operation.name"] = "send",
            ["messaging.operation.type"] = "send",
            ["messaging.destination.name"] = Traced,
            ["messaging.client.id"] = "milena",
            ["messaging.kafka.message.key"] = "key",
            ["messaging.destination.partition.id"] = "0",
            ["messaging.kafka.offset"] = 0L,
        }));
        Assert.That(_ended.Last().GetTagItem("messaging.kafka.message.tombstone"), Is.True);
        Assert.That(Header(0, "traceparent"), Is.EqualTo(span.Id));
        Assert.That(Header(0, "tracestate"), Is.EqualTo("vendor=1"));
    }

    [Test]
    public async Task A_failure_is_the_spans_status([Values] bool refused, CancellationToken cancellationToken)
    {
        using ActivityListener listener = Listen();
        await using Producer<string?, string?> producer = CreateProducer(new ProducerOptions { MaxRequestSize = 1_000 });
        Cluster.FailNext(ApiKey.Produce, ErrorCode.TopicAuthorizationFailed);

        Assert.That(async () => await producer.ProduceAsync(Traced, null, new string('x', refused ? 2_000 : 1), cancellationToken), Throws.InstanceOf<KafkaException>());
        await producer.FlushAsync(cancellationToken);

        Activity span = _ended.Single();
        Assert.That(span.Status, Is.EqualTo(ActivityStatusCode.Error));
        Assert.That(span.StatusDescription, Is.Not.Empty);
        Assert.That(span.GetTagItem("error.type"), Is.EqualTo(refused ? "MESSAGE_TOO_LARGE" : "TOPIC_AUTHORIZATION_FAILED"));
    }

    [Test]
    public async Task A_context_that_the_user_put_in_stays_and_is_linked(CancellationToken cancellationToken)
    {
        const string created = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        using ActivityListener listener = Listen();
        await using Producer<string?, string?> producer = CreateProducer();
        var headers = new Headers { { "traceparent", created } };

        await producer.ProduceAsync(new ProducerRecord<string?, string?>(Traced, null, "v") { Headers = headers }, cancellationToken);
        await producer.FlushAsync(cancellationToken);

        Assert.That(Cluster.Records(Traced, 0)[0].Headers, Has.Count.EqualTo(1));
        Assert.That(Header(0, "traceparent"), Is.EqualTo(created));
        Assert.That(_ended.Single().Links.Single().Context.TraceId.ToHexString(), Is.EqualTo("0af7651916cd43dd8448eb211c80319c"));
    }

    [Test]
    public async Task Headers_of_the_caller_are_left_as_they_were(CancellationToken cancellationToken)
    {
        using ActivityListener listener = Listen();
        await using Producer<string?, string?> producer = CreateProducer();
        var headers = new Headers { { "h", "1" } };

        for (int i = 0; i < 3; i++)
        {
            await producer.ProduceAsync(new ProducerRecord<string?, string?>(Traced, null, "v") { Headers = headers }, cancellationToken);
        }

        await producer.FlushAsync(cancellationToken);
        Assert.That(headers, Has.Count.EqualTo(1));
        Assert.That(Cluster.Records(Traced, 0).Select(r => r.Headers.Count), Is.All.EqualTo(2));
        Assert.That(Enumerable.Range(0, 3).Select(i => Header(i, "traceparent")), Is.EquivalentTo(_ended.Select(s => s.Id)));
    }

    [Test]
    public async Task A_broken_context_stops_nothing(CancellationToken cancellationToken)
    {
        using ActivityListener listener = Listen();
        await using Producer<string?, string?> producer = CreateProducer();

        await producer.ProduceAsync(new ProducerRecord<string?, string?>(Traced, null, "v") { Headers = new Headers { { "traceparent", "nonsense" }, { "tracestate", null } } }, cancellationToken);
        await producer.FlushAsync(cancellationToken);

        Assert.That(_ended.Single().Links, Is.Empty);
        Assert.That(Header(0, "traceparent"), Is.EqualTo("nonsense"));
    }

    private ActivityListener Listen()
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == KafkaDiagnostics.ActivitySourceName,
            Sample = static (ref ActivityCreationOptions<ActivityContext> wanted) =>
                wanted.Name.EndsWith(Traced, StringComparison.Ordinal) ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
            ActivityStopped = span => _ended.Enqueue(span),
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    private string? Header(int record, string name) =>
        Cluster.Records(Traced, 0)[record].Headers.Where(h => h.Key == name).Select(h => Encoding.UTF8.GetString(h.Value!.Value.Span)).SingleOrDefault();
}
