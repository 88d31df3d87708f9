using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using static Milena.Kafka.Testing.Tests.Groups.GroupCalls;
using static Milena.Kafka.Testing.Tests.Requests;

namespace Milena.Kafka.Testing.Tests.Groups;

/// <summary>KIP-134: the first rebalance of a group waits for more members.</summary>
internal sealed class InitialRebalanceTests : ClusterTest
{
    private readonly ManualTime _time = new();

    protected override TestClusterOptions Options => new() { TimeProvider = _time, GroupInitialRebalanceDelay = TimeSpan.FromSeconds(3) };

    [Test]
    public async Task It_waits_anew_for_each_that_comes_but_no_longer_than_a_rebalance_may_take()
    {
        using RawClient second = await RawClient.ConnectAsync(Cluster, 1, Bound);
        using RawClient watcher = await RawClient.ConnectAsync(Cluster, 1, Bound);
        Task<JoinGroupResponse> first = Client.JoinClassicAsync(JoiningClassic("", "a", Topic));
        while (await watcher.ListedAsync() is not { GroupState: "PreparingRebalance" })
        {
        }

        _time.Advance(TimeSpan.FromSeconds(2));
        Task<JoinGroupResponse> other = second.JoinClassicAsync(JoiningClassic("", "b", Topic));
        while ((await DescribeAsync()).Members.Count < 2)
        {
        }

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.That((await DescribeAsync()).GroupState, Is.EqualTo("PreparingRebalance"), "one has come in the meantime");
        _time.Advance(TimeSpan.FromSeconds(3));

        Assert.That((await first).Members, Has.Count.EqualTo(2));
        Assert.That((await other).GenerationId, Is.EqualTo(1));

        async Task<DescribeGroupsResponse.DescribedGroup> DescribeAsync() =>
            (await watcher.SendAsync(new DescribeGroupsRequest { Groups = [Group] }, 5, Bound)).Groups.Single();
    }
}
