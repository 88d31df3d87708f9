using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Tests.Support;

namespace Milena.Kafka.Tests.Cluster;

[CancelAfter(20_000)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class MetadataCacheTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly SemaphoreSlim _asked = new(0);
    private Func<MetadataResponse> _answer = () => Answer(1);
    private IReadOnlyList<string> _topics = [];
    private int _count;

    [Test]
    public async Task Metadata_that_is_too_old_is_asked_for_again(CancellationToken cancellationToken)
    {
        await using MetadataCache cache = Create();
        await cache.RefreshAsync(cancellationToken);
        await _asked.WaitAsync(cancellationToken);

        await _time.WhenTimersSetAsync(1).WaitAsync(cancellationToken);
        _time.Advance(TimeSpan.FromMinutes(5));
        await _asked.WaitAsync(cancellationToken);

        Assert.That(_count, Is.EqualTo(2));
    }

    [Test]
    public async Task A_broker_that_asks_for_it_makes_the_client_start_from_its_bootstrap_list(CancellationToken cancellationToken)
    {
        await using MetadataCache cache = Create();
        await cache.RefreshAsync(cancellationToken);
        Assert.That(cache.Current.Brokers.Keys, Is.EqualTo(new[] { 1 }));

        _answer = () => new MetadataResponse { ErrorCode = ErrorCode.RebootstrapRequired };

        Assert.That(async () => await cache.RefreshAsync(cancellationToken), Throws.TypeOf<KafkaException>().With.Property("Code").EqualTo(ErrorCode.RebootstrapRequired));
        Assert.That(cache.Current.Brokers, Is.Empty);
    }

    [Test]
    public async Task All_who_wait_share_the_next_answer(CancellationToken cancellationToken)
    {
        var gate = new TaskCompletionSource();
        await using var cache = new MetadataCache(
            Options(),
            async (_, _) =>
            {
                Interlocked.Increment(ref _count);
                _asked.Release();
                await gate.Task;
                return Answer(1);
            },
            new Random(1));
        Task first = cache.RefreshAsync(cancellationToken);
        await _asked.WaitAsync(cancellationToken);

        Task[] others = [.. Enumerable.Range(0, 20).Select(_ => cache.RefreshAsync(cancellationToken))];
        gate.SetResult();
        await Task.WhenAll([first, .. others]);

        Assert.That(_count, Is.EqualTo(2), "one answer was on its way; the next one serves all who asked meanwhile");
    }

    [Test]
    public async Task Whatever_goes_wrong_is_told_and_the_next_time_is_tried_again(CancellationToken cancellationToken)
    {
        await using MetadataCache cache = Create();
        _answer = () => throw new InvalidOperationException("no such luck");
        Assert.That(async () => await cache.RefreshAsync(cancellationToken), Throws.TypeOf<KafkaException>().With.Message.Contains("no such luck"));

        _answer = () => Answer(2);
        Task again = cache.RefreshAsync(cancellationToken);
        await _time.WhenTimersSetAsync(1).WaitAsync(cancellationToken);
        _time.Advance(TimeSpan.FromSeconds(1));
        await again;
        Assert.That(cache.Current.Brokers.Keys, Is.EqualTo(new[] { 2 }));
    }

    [Test]
    public async Task A_topic_in_use_is_asked_for_after_somebody_looked_it_up_in_vain(CancellationToken cancellationToken)
    {
        await using MetadataCache cache = Create();
        _answer = () => Answer(1, ErrorCode.None);
        await cache.GetTopicAsync("t", allowCreation: false, TimeSpan.FromSeconds(9), cancellationToken);
        _answer = () => Answer(1, ErrorCode.UnknownTopicOrPartition);
        await cache.RefreshAsync(cancellationToken);
        Assert.That(
            async () => await cache.GetTopicAsync("t", allowCreation: false, TimeSpan.Zero, cancellationToken),
            Throws.InstanceOf<KafkaException>());

        _answer = () => Answer(1, ErrorCode.None);
        await cache.RefreshAsync(cancellationToken);

        Assert.That(_topics, Is.EqualTo(new[] { "t" }));
        Assert.That(cache.Current.FindTopic("t")?.Error, Is.EqualTo(ErrorCode.None));
    }

    [Test]
    public async Task One_who_gives_up_on_a_topic_does_not_give_it_up_for_others(CancellationToken cancellationToken)
    {
        await using MetadataCache cache = Create();
        _answer = () => Answer(1, ErrorCode.UnknownTopicOrPartition);
        Task<TopicMetadata> patient = cache.GetTopicAsync("t", allowCreation: false, TimeSpan.FromMinutes(1), cancellationToken).AsTask();
        await _time.WhenTimersSetAsync(2).WaitAsync(cancellationToken);
        Assert.That(
            async () => await cache.GetTopicAsync("t", allowCreation: false, TimeSpan.Zero, cancellationToken),
            Throws.InstanceOf<KafkaException>());

        _answer = () => Answer(1, ErrorCode.None);
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.That((await patient).Error, Is.EqualTo(ErrorCode.None));
    }

    public void Dispose() => _asked.Dispose();

    private static MetadataResponse Answer(int broker) => new() { Brokers = [new() { NodeId = broker, Host = "a", Port = 9 }] };

    private static MetadataResponse Answer(int broker, ErrorCode topicError)
    {
        MetadataResponse answer = Answer(broker);
        answer.Topics = [new() { Name = "t", ErrorCode = topicError, Partitions = [new() { PartitionIndex = 0, LeaderId = broker }] }];
        return answer;
    }

    private MetadataCache Create() => new(
        Options(),
        (request, _) =>
        {
            _topics = [.. request.Topics!.Select(t => t.Name!)];
            Interlocked.Increment(ref _count);
            _asked.Release();
            MetadataResponse answer = _answer();
            answer.Topics.RemoveAll(t => !_topics.Contains(t.Name));
            return Task.FromResult(answer);
        },
        new Random(1));

    private KafkaClientOptions Options() => new() { BootstrapServers = "a:9", TimeProvider = _time };
}
