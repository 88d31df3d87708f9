using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Milena.Kafka.Protocol;
using Milena.Kafka.Testing;
using Milena.Kafka.Tests.Support;

namespace Milena.Kafka.Tests.ExactlyOnce;

/// <summary>What a loop measures and traces, and what it says of wrong options and of brokers that cannot do it.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public class LoopDiagnosticsTests() : LoopTest(GroupProtocol.Consumer, 2)
{
    private readonly ConcurrentQueue<(string Instrument, double Value, Dictionary<string, object?> Tags)> _measured = new();

    [Test]
    public async Task Commits_aborts_and_their_time_are_measured(CancellationToken cancellationToken)
    {
        await StoreAsync(5);
        using var factory = new OwnMeterFactory();
        using MeterListener listener = Listen(factory);
        KafkaClientOptions measured = ClientOptions;
        measured.MeterFactory = factory;
        await using var kafka = new KafkaClient(measured);
        bool hasFailed = false;

        await RunUntilAsync(
            CreateLoop(kafka: kafka, change: o => o.OnFailure = FailurePolicy.Retry(1, TimeSpan.Zero)),
            async (batch, output, token) =>
            {
                await CopyAsync(batch, output, token);
                if (!hasFailed)
                {
                    hasFailed = true;
                    throw new InvalidDataException("once");
                }
            },
            () => CommittedRecords == 5 * Partitions,
            cancellationToken);

        Assert.That(Sum("kafka.exactly_once.commits"), Is.EqualTo(Ended.Count(t => t.Outcome == TransactionOutcome.Committed)));
        Assert.That(Sum("kafka.exactly_once.aborts"), Is.EqualTo(1));
        Assert.That(TagsOf("kafka.exactly_once.aborts")["kafka.abort.cause"], Is.EqualTo("handler"));
        Assert.That(_measured.Count(m => m.Instrument == "kafka.exactly_once.commit.duration"), Is.EqualTo(Sum("kafka.exactly_once.commits")));
        Assert.That(_measured.Where(m => m.Instrument == "kafka.exactly_once.transaction.duration").Select(m => m.Tags["kafka.transaction.outcome"]), Is.SupersetOf(new[] { "committed", "aborted" }));
        Assert.That(TagsOf("kafka.exactly_once.commits")["messaging.consumer.group.name"], Is.EqualTo(Group));
    }

    [Test]
    public async Task A_transaction_has_a_span_and_its_batches_have_spans_within_it(CancellationToken cancellationToken)
    {
        const string group = "traced-billing";
        var ended = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == KafkaDiagnostics.ActivitySourceName,
            Sample = static (ref ActivityCreationOptions<ActivityContext> options) => options.Tags?.Any(t => Equals(t.Value, group)) == true ? ActivitySamplingResult.AllData : ActivitySamplingResult.None,
            ActivityStopped = ended.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        await StoreAsync(5);

        await RunUntilAsync(CreateLoop(change: o => o.Input.GroupId = group), CopyAsync, () => CommittedRecords == 5 * Partitions, cancellationToken);

        Activity[] transactions = [.. ended.Where(a => a.OperationName == $"transaction {group}")];
        Assert.That(transactions.Length, Is.EqualTo(Ended.Count));
        Assert.That(transactions.Select(t => t.GetTagItem("kafka.transaction.outcome")), Is.All.EqualTo("committed"));
        Assert.That(transactions.Sum(t => (int)t.GetTagItem("messaging.batch.message_count")!), Is.EqualTo(5 * Partitions));
        Activity[] batches = [.. ended.Where(a => a.OperationName == $"process {In}")];
        Assert.That(batches.Sum(b => (int)b.GetTagItem("messaging.batch.message_count")!), Is.EqualTo(5 * Partitions));
        HashSet<ActivitySpanId> spans = [.. transactions.Select(t => t.SpanId)];
        Assert.That(batches.All(b => spans.Contains(b.ParentSpanId)), Is.True);
    }

    [Test]
    public void Wrong_options_are_all_named_at_once()
    {
        var options = new ExactlyOnceOptions
        {
            Input = { GroupId = Group, AutoCommit = AutoCommitMode.Manual },
            OnFailure = FailurePolicy.Retry(1, TimeSpan.Zero, then: FailurePolicy.RetryTopic("again", 1, TimeSpan.FromMinutes(1))),
            CommitInterval = TimeSpan.FromMinutes(2),
        };

        Assert.That(
            () => Kafka.CreateExactlyOnceLoop<string, string, string, string>(options),
            Throws.ArgumentException.With.Message.Contains("no topics").And.Message.Contains("AutoCommit").And.Message.Contains("TransactionalId").And.Message.Contains("retry topic").And.Message.Contains("CommitInterval"));
        Assert.That(() => Kafka.CreateExactlyOnceLoop<string, string, string, string>(new ExactlyOnceOptions()), Throws.ArgumentException);
    }

    [Test]
    public async Task A_loop_runs_once_at_a_time(CancellationToken cancellationToken)
    {
        using var stop = new CancellationTokenSource();
        ExactlyOnceLoop<string?, string, string?, string> loop = CreateLoop();
        Task running = loop.RunAsync(CopyAsync, stop.Token);

        await Assert.ThatAsync(() => loop.RunAsync(CopyAsync, cancellationToken), Throws.InvalidOperationException.With.Message.Contains("TransactionalId of its own"));
        await stop.CancelAsync();
        await running;
    }

    [TestCase(ApiKey.InitProducerId, (short)-1)]
    [TestCase(ApiKey.TxnOffsetCommit, (short)2)]
    public async Task Brokers_that_are_too_old_end_the_loop_before_anything_counts(ApiKey api, short version, CancellationToken cancellationToken)
    {
        await StoreAsync(1);
        if (version < 0)
        {
            Cluster.HideApi(api);
        }
        else
        {
            Cluster.MaxVersion(api, version);
        }

        UnsupportedVersionException? fault = await Assert.ThrowsAsync<UnsupportedVersionException>(() => CreateLoop().RunAsync(CopyAsync, cancellationToken).WaitAsync(cancellationToken));

        Assert.That(fault!.Message, version < 0 ? Does.Contain("InitProducerId") : Does.Contain("2.5"));
        Assert.That(Offsets, Is.All.EqualTo(-1));
        Assert.That(await CommittedAsync(Out, cancellationToken), Is.Empty);
    }

    [Test]
    public async Task A_time_out_above_the_brokers_limit_ends_the_loop_at_once(CancellationToken cancellationToken) =>
        await Assert.ThatAsync(
            () => CreateLoop(change: o => o.Output.TransactionTimeout = TimeSpan.FromHours(2)).RunAsync(CopyAsync, cancellationToken),
            Throws.InstanceOf<KafkaException>().With.Message.Contains("transaction.max.timeout.ms").And.Property("Code").EqualTo(ErrorCode.InvalidTransactionTimeout));

    [Test]
    public async Task Group_metadata_is_there_for_members_and_says_what_is_missing_for_others(CancellationToken cancellationToken)
    {
        await StoreAsync(1);
        await using Consumer<string, string> alone = Kafka.CreateConsumer<string, string>();
        await using Consumer<string, string> byHand = Kafka.CreateConsumer<string, string>(new ConsumerOptions { GroupId = Group });
        await using Consumer<string, string> member = Kafka.CreateConsumer<string, string>(Options(change: o => o.Input.GroupInstanceId = "desk-1").Input);

        Assert.That(() => alone.GroupMetadata, Throws.InvalidOperationException.With.Message.Contains("GroupId"));
        Assert.That(byHand.GroupMetadata.ToString(), Is.EqualTo(Group));
        Assert.That(() => member.GroupMetadata, Throws.TypeOf<GroupException>().With.Message.Contains("Abort the transaction"));
        await foreach (ConsumeResult<string, string> _ in member.ConsumeAsync(cancellationToken))
        {
            break;
        }

        ConsumerGroupMetadata known = member.GroupMetadata;
        Assert.That((known.GroupId, known.InstanceId), Is.EqualTo((Group, (string?)"desk-1")));
        Assert.That((known.MemberId.Length > 0, known.Generation > 0), Is.EqualTo((true, true)));
    }

    private double Sum(string instrument) => _measured.Where(m => m.Instrument == instrument).Sum(m => m.Value);

    private Dictionary<string, object?> TagsOf(string instrument) => _measured.First(m => m.Instrument == instrument).Tags;

    private MeterListener Listen(OwnMeterFactory factory)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, to) =>
            {
                if (instrument.Meter.Scope == factory)
                {
                    to.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => _measured.Enqueue((instrument.Name, value, new Dictionary<string, object?>(tags.ToArray()))));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => _measured.Enqueue((instrument.Name, value, new Dictionary<string, object?>(tags.ToArray()))));
        listener.Start();
        return listener;
    }
}
