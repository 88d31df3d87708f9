using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Records;
using Milena.Kafka.Tests.Consumer.Groups;
using Milena.Kafka.Tests.Support;

namespace Milena.Kafka.Tests.Consumer;

/// <summary>The instruments and spans of a consumer. The listener for spans wants those of its own topic only, since listeners hear the whole process.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public class ConsumerDiagnosticsTests : GroupTest
{
    private const string Traced = "traced-orders";
    private const string Parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    private readonly ConcurrentQueue<(string Instrument, double Value, Dictionary<string, object?> Tags)> _measured = new();
    private readonly ConcurrentQueue<Activity> _ended = new();

    [Test]
    public async Task Batches_fetches_handlers_commits_and_rebalances_are_measured(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAllAsync(1, 0, 10);
        await StoreAllAsync(1, 10, 10);
        using var factory = new OwnMeterFactory();
        using MeterListener listener = ListenToMeter(factory);
        await using (var kafka = new KafkaClient(new KafkaClientOptions { BootstrapServers = Cluster.BootstrapServers, MeterFactory = factory }))
        {
            await using Consumer<string, string> consumer = kafka.CreateConsumer<string, string>(Options());
            await RunAsync(consumer, 20, (record, _) => default, cancellationToken);
            listener.RecordObservableInstruments();

            Assert.That(Sum("messaging.client.consumed.messages"), Is.EqualTo(20));
            Assert.That(Sum("kafka.consumer.consumed.bytes"), Is.EqualTo(Cluster.Batches(Topic, 0).Sum(b => b.Bytes.Length)).And.EqualTo(Sum("kafka.consumer.fetch.size")));
            Assert.That(_measured.Count(m => m.Instrument == "messaging.process.duration"), Is.EqualTo(20));
            Assert.That(_measured.Count(m => m.Instrument == "kafka.consumer.fetch.duration"), Is.AtLeast(1));
            Assert.That(_measured.Count(m => m.Instrument == "kafka.consumer.commit.duration"), Is.AtLeast(1));
            Assert.That(TagsOf("kafka.consumer.rebalances")["kafka.rebalance.cause"], Is.EqualTo("joined"));
            Assert.That(_measured.Single(m => m.Instrument == "kafka.consumer.lag").Value, Is.EqualTo(0));
            Assert.That(Sum("kafka.consumer.poll.idle"), Is.GreaterThan(0));
            Assert.That(TagsOf("messaging.process.duration"), Is.SupersetOf(new Dictionary<string, object?>
            {
                ["messaging.system"] = "kafka", ["messaging.consumer.group.name"] = Group, ["messaging.destination.name"] = Topic, ["messaging.operation.name"] = "process",
            }));
        }

        _measured.Clear();
        listener.RecordObservableInstruments();
        Assert.That(_measured, Is.Empty, "a consumer that has ended says nothing any more");
    }

    [TestCase(GroupProtocol.Classic)]
    [TestCase(GroupProtocol.Consumer)]
    public async Task Rebalances_are_counted_by_their_causes(GroupProtocol protocol, CancellationToken cancellationToken)
    {
        await StartAsync(partitions: 2);
        using var factory = new OwnMeterFactory();
        using MeterListener listener = ListenToMeter(factory);
        await using var kafka = new KafkaClient(new KafkaClientOptions { BootstrapServers = Cluster.BootstrapServers, MeterFactory = factory });
        ConsumerOptions Of() => new() { GroupId = Group, Topics = { Topic }, GroupProtocol = protocol, CloseTimeout = TimeSpan.FromSeconds(10) };
        bool isClassic = protocol == GroupProtocol.Classic;
        ConsumerOptions options = Of();
        if (isClassic)
        {
            options.HeartbeatInterval = TimeSpan.FromMilliseconds(50);
        }

        await using var first = new GroupMemberRig("a", kafka, options, Log);
        first.Start();
        await first.UntilAsync(m => m.Owned.Count == 2, cancellationToken);
        Assert.That(Causes(), Is.EqualTo(new[] { "joined" }));

        await using (var second = new GroupMemberRig("b", Kafka, Of(), Log))
        {
            second.Start();
            await second.UntilAsync(m => m.Owned.Count == 1 && first.Owned.Count == 1, cancellationToken);
            Assert.That(Causes(), Is.EqualTo(new[] { "joined", "group_changed" }));
        }

        await first.UntilAsync(m => m.Owned.Count == 2, cancellationToken);
        Assert.That(Causes(), Is.EqualTo(new[] { "joined", "group_changed", "group_changed" }));

        Cluster.FailNext(isClassic ? ApiKey.Heartbeat : ApiKey.ConsumerGroupHeartbeat, isClassic ? ErrorCode.IllegalGeneration : ErrorCode.FencedMemberEpoch);
        await first.UntilAsync(m => m.Calls[^1] == "assigned 0 1" && m.Calls[^2] == "lost 0 1", cancellationToken);
        Assert.That(Causes(), Is.EqualTo(new[] { "joined", "group_changed", "group_changed", "membership_lost" }));

        IEnumerable<object?> Causes() => _measured.Where(m => m.Instrument == "kafka.consumer.rebalances").Select(m => m.Tags["kafka.rebalance.cause"]);
    }

    [Test]
    public async Task A_batch_that_is_read_in_pieces_is_counted_once(CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAllAsync(1, 0, 50);
        using var factory = new OwnMeterFactory();
        using MeterListener listener = ListenToMeter(factory);
        await using var kafka = new KafkaClient(new KafkaClientOptions { BootstrapServers = Cluster.BootstrapServers, MeterFactory = factory });
        await using Consumer<string, string> consumer = kafka.CreateConsumer<string, string>(Options());

        await RunAsync(consumer, 50, (_, _) => default, cancellationToken, new RunOptions { MaxInFlight = 4 });

        Assert.That(Sum("messaging.client.consumed.messages"), Is.EqualTo(50));
    }

    [Test]
    public async Task The_handlers_span_is_current_and_follows_the_context_of_its_record(CancellationToken cancellationToken)
    {
        await StartTracedAsync();
        using ActivityListener listener = ListenToSpans();
        await using Consumer<string, string> consumer = CreateConsumer(Options(o => o.Topics[0] = Traced));
        var current = new ConcurrentDictionary<long, Activity?>();

        await RunAsync(
            consumer,
            3,
            (record, _) =>
            {
                current[record.Offset] = Activity.Current;
                return default;
            },
            cancellationToken);

        Activity[] spans = [.. _ended.Where(a => a.OperationName == $"process {Traced}").OrderBy(a => (long)a.GetTagItem("messaging.kafka.offset")!)];
        Assert.That(spans, Has.Length.EqualTo(3));
        Assert.That(spans, Is.EqualTo(new[] { current[0], current[1], current[2] }));
        Assert.That(spans[0].Kind, Is.EqualTo(ActivityKind.Consumer));
        Assert.That((spans[0].TraceId.ToString(), spans[0].ParentSpanId.ToString(), spans[0].HasRemoteParent), Is.EqualTo(("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", true)));
        Assert.That(spans[1].HasRemoteParent, Is.False, "a malformed context stops nothing");
        Activity poll = _ended.First(a => a.OperationName == $"poll {Traced}");
        Assert.That((poll.Kind, poll.GetTagItem("messaging.operation.type"), poll.GetTagItem("messaging.batch.message_count")), Is.EqualTo((ActivityKind.Client, "receive", 3)));
        Assert.That(poll.Links.Single().Context.SpanId.ToString(), Is.EqualTo("00f067aa0ba902b7"));
    }

    [Test]
    public async Task The_body_of_a_loop_has_a_span_which_is_current_until_it_comes_back(CancellationToken cancellationToken)
    {
        await StartTracedAsync();
        using ActivityListener listener = ListenToSpans();
        await using Consumer<string, string> consumer = CreateConsumer(Options(o => o.Topics[0] = Traced));
        Activity? before = Activity.Current;
        var current = new List<Activity?>();

        await foreach (ConsumeResult<string, string> record in consumer.ConsumeAsync(cancellationToken))
        {
            current.Add(Activity.Current);
            await Task.Yield();
            Assert.That(Activity.Current, Is.SameAs(current[^1]), "also behind what is awaited");
            Assert.That(current[^1]!.IsStopped, Is.False);
            if (record.Offset == 2)
            {
                break;
            }
        }

        Assert.That(Activity.Current, Is.SameAs(before));
        Activity[] spans = [.. _ended.Where(a => a.OperationName == $"process {Traced}")];
        Assert.That(spans, Is.EqualTo(current));
        Assert.That(spans.Select(a => a.GetTagItem("messaging.kafka.offset")), Is.EqualTo(new object[] { 0L, 1L, 2L }));
        Assert.That((spans[0].Kind, spans[0].ParentSpanId.ToString(), spans[0].HasRemoteParent), Is.EqualTo((ActivityKind.Consumer, "00f067aa0ba902b7", true)));
        Assert.That(spans.Skip(1).Select(a => a.ParentSpanId), Has.All.EqualTo(before?.SpanId ?? default), "no record's span is that of another");
    }

    [Test]
    public async Task The_body_of_a_loop_over_batches_has_a_span_with_links_to_where_they_come_from(CancellationToken cancellationToken)
    {
        await StartTracedAsync();
        using ActivityListener listener = ListenToSpans();
        await using Consumer<string, string> consumer = CreateConsumer(Options(o => o.Topics[0] = Traced));
        Activity? current = null;

        await foreach (ConsumeBatch<string, string> batch in consumer.ConsumeBatchesAsync(cancellationToken))
        {
            current = Activity.Current;
            Assert.That(batch.Select(r => r.Value), Is.EqualTo(new[] { "0", "1", "2" }));
            break;
        }

        Activity span = _ended.Single(a => a.OperationName == $"process {Traced}");
        Assert.That(span, Is.SameAs(current));
        Assert.That((span.GetTagItem("messaging.batch.message_count"), span.Links.Single().Context.SpanId.ToString()), Is.EqualTo(((object)3, "00f067aa0ba902b7")));
    }

    [Test]
    public async Task A_failure_is_the_spans_status(CancellationToken cancellationToken)
    {
        await StartTracedAsync();
        using ActivityListener listener = ListenToSpans();
        await using Consumer<string, string> consumer = CreateConsumer(Options(o => o.Topics[0] = Traced));

        await Assert.ThrowsAsync<ProcessingException>(() => consumer.RunAsync((_, _) => throw new FormatException("no"), cancellationToken: cancellationToken));

        Activity span = _ended.Single(a => a.OperationName == $"process {Traced}");
        Assert.That((span.Status, span.StatusDescription, span.GetTagItem("error.type")), Is.EqualTo((ActivityStatusCode.Error, "no", "System.FormatException")));
    }

    private static async Task RunAsync(Consumer<string, string> consumer, int count, Func<ConsumeResult<string, string>, CancellationToken, ValueTask> handler, CancellationToken cancellationToken, RunOptions? options = null)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int done = 0;
        Task run = consumer.RunAsync(
            async (record, token) =>
            {
                await handler(record, token);
                if (Interlocked.Increment(ref done) == count)
                {
                    enough.SetResult();
                }
            },
            options,
            stop.Token);
        await Task.WhenAny(run, enough.Task.WaitAsync(cancellationToken));
        await stop.CancelAsync();
        await run;
    }

    /// <summary>Three records: with a context, with a malformed one, with none.</summary>
    private async Task StartTracedAsync()
    {
        await StartAsync();
        Cluster.CreateTopic(Traced, 1);
        await StoreAsync(Traced, 0, batch =>
        {
            batch.TryAppend(1, Utf8("a"), Utf8("0"), [new RecordHeader("traceparent", Utf8(Parent))]);
            batch.TryAppend(1, Utf8("a"), Utf8("1"), [new RecordHeader("traceparent", Utf8("00-zz-??")), new RecordHeader("tracestate", (byte[]?)null)]);
            batch.TryAppend(1, Utf8("a"), Utf8("2"));
        });
    }

    private ActivityListener ListenToSpans()
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == KafkaDiagnostics.ActivitySourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> options) => options.Name.EndsWith(Traced, StringComparison.Ordinal) ? ActivitySamplingResult.AllData : ActivitySamplingResult.None,
            ActivityStopped = _ended.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    private MeterListener ListenToMeter(OwnMeterFactory factory)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (ReferenceEquals(instrument.Meter.Scope, factory))
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => _measured.Enqueue((instrument.Name, value, new Dictionary<string, object?>(tags.ToArray()))));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => _measured.Enqueue((instrument.Name, value, new Dictionary<string, object?>(tags.ToArray()))));
        listener.Start();
        return listener;
    }

    private double Sum(string instrument) => _measured.Where(m => m.Instrument == instrument).Sum(m => m.Value);

    private Dictionary<string, object?> TagsOf(string instrument) => _measured.First(m => m.Instrument == instrument).Tags;
}
