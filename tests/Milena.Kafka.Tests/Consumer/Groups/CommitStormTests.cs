using System.Collections.Concurrent;
using Milena.Kafka.Protocol;
using Milena.Kafka.Testing;

namespace Milena.Kafka.Tests.Consumer.Groups;

/// <summary>Commits on an interval, by hand without waiting, on revocation and on close, while answers come late, are errors or get lost, the coordinator moves and another member comes and goes.</summary>
[TestFixture(GroupProtocol.Classic)]
[TestFixture(GroupProtocol.Consumer)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[CancelAfter(60_000)]
public class CommitStormTests : GroupTest
{
    private const int Partitions = 3;
    private const int Steps = 30;
    private const int PerStep = 5;

    private static readonly ErrorCode[] Codes =
        [ErrorCode.CoordinatorLoadInProgress, ErrorCode.CoordinatorNotAvailable, ErrorCode.RequestTimedOut, ErrorCode.UnknownTopicOrPartition, ErrorCode.RebalanceInProgress, ErrorCode.StaleMemberEpoch];

    private readonly ConcurrentQueue<Task> _commits = new();

    public CommitStormTests(GroupProtocol protocol) => Protocol = protocol;

    [Test]
    public async Task Commits_are_of_finished_records_and_in_order([Range(1, 6)] int seed, CancellationToken cancellationToken)
    {
        var random = new Random(seed);
        await StartAsync(brokers: 3, partitions: Partitions);
        await using GroupMemberRig steady = CommitsByHand("steady");
        GroupMemberRig? guest = null;
        for (int step = 0; step < Steps; step++)
        {
            switch (random.Next(6))
            {
                case 0:
                    Cluster.FailNext(ApiKey.OffsetCommit, Codes[random.Next(IsClassic ? Codes.Length - 1 : Codes.Length)]);
                    break;
                case 1:
                    Cluster.DelayNext(ApiKey.OffsetCommit, TimeSpan.FromMilliseconds(random.Next(100)));
                    break;
                case 2:
                    Cluster.DropConnection(ApiKey.OffsetCommit, new FaultScope { AfterHandling = random.Next(2) == 0 });
                    break;
                case 3:
                    Cluster.MoveCoordinator(Group, Cluster.BrokerIds[random.Next(Cluster.BrokerIds.Count)]);
                    break;
                case 4 when guest is not null:
                    await guest.DisposeAsync();
                    guest = null;
                    break;
                default:
                    guest ??= CommitsByHand($"guest{step}");
                    break;
            }

            int enough = Log.Finished + (PerStep * Partitions / 2);
            await StoreAllAsync(Partitions, step * PerStep, PerStep);
            await steady.UntilAsync(_ => Log.Finished >= enough, cancellationToken);
        }

        await steady.UntilAsync(_ => Log.Finished == Steps * PerStep * Partitions, cancellationToken);
        Cluster.ClearFaults();
        await (guest?.DisposeAsync() ?? ValueTask.CompletedTask);
        await steady.DisposeAsync();
        foreach (Task commit in _commits)
        {
            await commit.ContinueWith(t => Assert.That(t.Exception?.InnerException, Is.Null.Or.InstanceOf<KafkaException>().Or.InstanceOf<ObjectDisposedException>()), TaskScheduler.Default);
        }

        AssertAllSeen(Partitions, Steps * PerStep);
        Assert.That(Log.Breaches, Is.Empty);
    }

    /// <summary>A member that also commits by hand, without waiting for it, what it has just finished.</summary>
    private GroupMemberRig CommitsByHand(string name)
    {
        GroupMemberRig member = Member(name);
        ConsumeResult<string, string>? last = null;
        int rebalances = 0;
        member.Handler = record =>
        {
            int now = member.Calls.Count;
            if (last is { } finished && now == rebalances)
            {
                _commits.Enqueue(member.Consumer.CommitAsync(finished));
            }

            (last, rebalances) = (record, now);
            return Task.CompletedTask;
        };
        return member.Start();
    }
}
