using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing;

namespace Milena.Kafka.Tests.Consumer.Groups;

/// <summary>Groups that go from one protocol to the other while their members read.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[CancelAfter(90_000)]
public class MigrationTests : GroupTest
{
    private const int Partitions = 6;

    private GroupMigrationPolicy _policy = GroupMigrationPolicy.Bidirectional;
    private int _stored;

    public MigrationTests() => Protocol = GroupProtocol.Auto;

    protected override TestClusterOptions ClusterOptions => new()
    {
        AutoCreateTopics = false,
        ConsumerGroupHeartbeatInterval = TimeSpan.FromMilliseconds(50),
        ConsumerGroupSessionTimeout = TimeSpan.FromSeconds(3),
        GroupMigration = _policy,
    };

    [TestCase(false)]
    [TestCase(true)]
    public async Task Running_members_change_over_when_the_cluster_is_upgraded_and_back_when_it_is_downgraded(bool isStatic, CancellationToken cancellationToken)
    {
        await StartAsync(brokers: 3, partitions: Partitions);
        Cluster.ConsumerGroupProtocol = false;
        await using KafkaClient impatient = new(new KafkaClientOptions { BootstrapServers = Cluster.BootstrapServers, MetadataMaxAge = TimeSpan.FromMilliseconds(300) });
        GroupMemberRig[] members = [.. Enumerable.Range(0, 3).Select(i => Member($"m{i}", o => o.GroupInstanceId = isStatic ? $"i{i}" : null, impatient).Start())];
        await StoreAsync();
        await members[0].UntilAsync(_ => members.All(m => m.Owned.Count == 2), cancellationToken);
        Assert.That(Cluster.ReceivedCount(ApiKey.ConsumerGroupHeartbeat), Is.Zero);

        Cluster.ConsumerGroupProtocol = true;
        await StoreAsync();
        await UntilServedAsync(() => CountNewMembers() == 3 && members.All(m => m.Owned.Count == 2), cancellationToken);
        await StoreAsync();

        long joins = Cluster.ReceivedCount(ApiKey.JoinGroup);
        Cluster.ConsumerGroupProtocol = false;
        await StoreAsync();
        await Cluster.WaitForAsync(ApiKey.JoinGroup, (int)joins + 3, cancellationToken);
        await StoreAsync();
        await members[0].UntilAsync(_ => AllSeen && AllCommitted && members.All(m => m.Owned.Count == 2), cancellationToken);
        await Task.WhenAll(members.Select(m => m.DisposeAsync().AsTask()));
        await AssertNothingLostAsync();
    }

    [Test]
    public async Task In_a_group_that_may_not_change_its_protocol_a_newcomer_is_classic_too(CancellationToken cancellationToken)
    {
        _policy = GroupMigrationPolicy.Disabled;
        await StartAsync(partitions: Partitions);
        await StoreAsync();
        await using GroupMemberRig old = Member("old", o => Speak(o, GroupProtocol.Classic)).Start();
        await old.UntilAsync(m => m.Owned.Count == Partitions, cancellationToken);
        await using (GroupMemberRig newcomer = Member("newcomer").Start())
        {
            await newcomer.UntilAsync(m => m.Owned.Count == 3, cancellationToken);
            await using Consumer<string, string> stubborn = CreateConsumer(Options(o => Speak(o, GroupProtocol.Consumer)));
            GroupException? refused = await Assert.CatchAsync<GroupException>(() => TakeAsync(stubborn, 1, cancellationToken));
            Assert.That(refused!.Code, Is.EqualTo(ErrorCode.GroupIdNotFound));
            Assert.That(refused.Message, Does.Contain("group.consumer.migration.policy"));
        }

        await old.UntilAsync(m => m.Owned.Count == Partitions && AllSeen, cancellationToken);
        await old.DisposeAsync();
        await AssertNothingLostAsync();
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task Auto_is_classic_where_the_cluster_does_not_serve_the_new_protocol(bool isHidden, CancellationToken cancellationToken)
    {
        await StartAsync(partitions: Partitions);
        SwitchOff(isHidden);
        await StoreAsync();
        await using GroupMemberRig member = Member("m").Start();
        await member.UntilAsync(_ => AllSeen, cancellationToken);
        await member.DisposeAsync();
        Assert.That(Cluster.ReceivedCount(ApiKey.ConsumerGroupHeartbeat), Is.Zero);
        await AssertNothingLostAsync();
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task Consumer_says_that_the_cluster_does_not_serve_it(bool isHidden, CancellationToken cancellationToken)
    {
        await StartAsync();
        SwitchOff(isHidden);
        await using Consumer<string, string> consumer = CreateConsumer(Options(o => Speak(o, GroupProtocol.Consumer)));
        KafkaException? fault = await Assert.CatchAsync<KafkaException>(() => TakeAsync(consumer, 1, cancellationToken));
        Assert.That(fault!.Code, Is.EqualTo(ErrorCode.UnsupportedVersion));
    }

    [Test]
    public async Task Auto_takes_the_new_protocol_at_once_where_it_is_served(CancellationToken cancellationToken)
    {
        await StartAsync(partitions: Partitions);
        await StoreAsync();
        await using GroupMemberRig member = Member("m").Start();
        await member.UntilAsync(_ => AllSeen, cancellationToken);
        await member.DisposeAsync();
        Assert.That(Cluster.ReceivedCount(ApiKey.JoinGroup), Is.Zero);
        await AssertNothingLostAsync();
    }

    [Test]
    public async Task Auto_keeps_to_the_classic_protocol_for_the_sake_of_an_assignor(CancellationToken cancellationToken)
    {
        await StartAsync(partitions: Partitions);
        await StoreAsync();
        await using GroupMemberRig member = Member("m", o => Only(o, PartitionAssignors.Sticky)).Start();
        await member.UntilAsync(_ => AllSeen, cancellationToken);
        Assert.That(Cluster.ReceivedCount(ApiKey.ConsumerGroupHeartbeat), Is.Zero);
    }

    private bool AllCommitted => Log.IsCommitted(Partitions, _stored);

    private bool AllSeen => Log.Finished == _stored * Partitions;

    private static void Speak(ConsumerOptions options, GroupProtocol protocol)
    {
        options.GroupProtocol = protocol;
        var defaults = new ConsumerOptions();
        if (protocol == GroupProtocol.Consumer)
        {
            (options.SessionTimeout, options.HeartbeatInterval) = (defaults.SessionTimeout, defaults.HeartbeatInterval);
        }
    }

    private void SwitchOff(bool isHidden)
    {
        if (isHidden)
        {
            Cluster.HideApi(ApiKey.ConsumerGroupHeartbeat);
        }
        else
        {
            Cluster.ConsumerGroupProtocol = false;
        }
    }

    private int CountNewMembers() => Cluster.Received<ConsumerGroupHeartbeatRequest>().Where(r => r.MemberEpoch > 0).Select(r => r.MemberId).Distinct().Count();

    /// <summary>Looks whenever a member sends a heartbeat.</summary>
    private async Task UntilServedAsync(Func<bool> holds, CancellationToken cancellationToken)
    {
        while (true)
        {
            long served = Cluster.ReceivedCount(ApiKey.ConsumerGroupHeartbeat);
            if (holds())
            {
                return;
            }

            await Cluster.WaitForAsync(ApiKey.ConsumerGroupHeartbeat, served + 1, cancellationToken);
        }
    }

    private async Task StoreAsync()
    {
        await StoreAllAsync(Partitions, _stored, 5);
        _stored += 5;
    }

    private async Task AssertNothingLostAsync()
    {
        AssertAllSeen(Partitions, _stored);
        Assert.That(await CommittedAsync(Partitions), Is.All.EqualTo((long)_stored));
        Assert.That(Log.Breaches, Is.Empty);
    }
}
