using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Tests.Support;

namespace Milena.Kafka.Tests.Consumer.Groups;

/// <summary>A user who does not come back for more within MaxPollInterval, by a clock that the test moves.</summary>
[TestFixture(GroupProtocol.Classic)]
[TestFixture(GroupProtocol.Consumer)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class PollIntervalTests : GroupTest, IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(9);

    /// <summary>How often the consumer looks.</summary>
    private static readonly TimeSpan Period = Limit / 30;

    private readonly ManualTimeProvider _time = new();
    private readonly RecordingLoggerFactory _log = new();
    private readonly TaskCompletionSource<CancellationToken> _busy = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<long> _done = [];

    public PollIntervalTests(GroupProtocol protocol) => Protocol = protocol;

    public enum Reading
    {
        Records,
        Batches,
        Handlers,
    }

    public void Dispose() => _log.Dispose();

    [Test]
    public async Task He_is_warned_then_told_loses_his_partitions_and_joins_again_when_he_comes_back([Values] Reading reading, [Values] bool isStatic, CancellationToken cancellationToken)
    {
        await StartAsync();
        await StoreAllAsync(1, 0, 3);
        var exceeded = new TaskCompletionSource<TimeSpan>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using KafkaClient kafka = new(new KafkaClientOptions { BootstrapServers = Cluster.BootstrapServers, TimeProvider = _time, LoggerFactory = _log });
        await using GroupMemberRig member = Member("m", o => (o.MaxPollInterval, o.GroupInstanceId) = (Limit, isStatic ? "a" : null), kafka);
        member.Consumer.MaxPollIntervalExceeded += (_, busy) => exceeded.SetResult(busy);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task looked = _time.WhenNextSetAsync(Period);
        Task loop = Task.Run(() => ReadAsync(member.Consumer, reading, stop.Token), cancellationToken);
        CancellationToken token = await _busy.Task.WaitAsync(cancellationToken);
        await looked.WaitAsync(cancellationToken);

        await PassAsync((Limit * 2 / 3) + Period, cancellationToken);
        Assert.That((_log.Of(427).Length, _log.Of(428).Length, token.IsCancellationRequested), Is.EqualTo((1, 0, false)), "warned");
        Assert.That(_log.Of(427)[0].Message, Does.Contain("MaxPollInterval"));

        await PassAsync(Limit / 3, cancellationToken);
        Assert.That(await exceeded.Task.WaitAsync(cancellationToken), Is.GreaterThanOrEqualTo(Limit));
        Assert.That(_log.Of(428), Has.Length.EqualTo(1));
        await Task.WhenAny(loop, _all.Task.WaitAsync(cancellationToken));
        await stop.CancelAsync();
        await loop;

        Assert.That(token.IsCancellationRequested);
        Assert.That(_done, Is.EqualTo(new long[] { 0, 1, 2 }), "what he had in hand came again");
        Assert.That(member.Calls, Is.EqualTo(new[] { "assigned 0", "lost 0", "assigned 0" }));
        Assert.That(CountJoins(), Is.EqualTo(2));
        if (!isStatic)
        {
            Assert.That(CountLeaves(), Is.EqualTo(1));
        }
    }

    private int CountJoins() => IsClassic
        ? Cluster.Received<SyncGroupRequest>().Count
        : Cluster.Received<ConsumerGroupHeartbeatRequest>().Count(r => r.MemberEpoch == 0);

    private async Task ReadAsync(Consumer<string, string> consumer, Reading reading, CancellationToken stop)
    {
        try
        {
            switch (reading)
            {
                case Reading.Records:
                    await foreach (ConsumeResult<string, string> record in consumer.ConsumeAsync(stop))
                    {
                        await HandleAsync(record.Offset, consumer.ProcessingToken);
                    }

                    break;
                case Reading.Batches:
                    await foreach (ConsumeBatch<string, string> batch in consumer.ConsumeBatchesAsync(stop))
                    {
                        CancellationToken token = consumer.ProcessingToken;
                        foreach (long offset in batch.Select(r => r.Offset).ToArray())
                        {
                            await HandleAsync(offset, token);
                        }
                    }

                    break;
                default:
                    await consumer.RunAsync((record, token) => new ValueTask(HandleAsync(record.Offset, token)), new RunOptions { Parallelism = 1 }, stop);
                    break;
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Stopped.
        }
    }

    /// <summary>The first record takes until its token is set off.</summary>
    private async Task HandleAsync(long offset, CancellationToken token)
    {
        if (_busy.TrySetResult(token))
        {
            await Task.Delay(Timeout.Infinite, token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (!token.IsCancellationRequested)
        {
            _done.Add(offset);
            if (_done.Count == 3)
            {
                _all.SetResult();
            }
        }
    }

    /// <summary>Moves the clock look by look, so that none is left out.</summary>
    private async Task PassAsync(TimeSpan time, CancellationToken cancellationToken)
    {
        for (TimeSpan left = time; left > TimeSpan.Zero; left -= Period)
        {
            Task looked = _time.WhenNextSetAsync(Period);
            _time.Advance(Period);
            await looked.WaitAsync(cancellationToken);
        }
    }
}
