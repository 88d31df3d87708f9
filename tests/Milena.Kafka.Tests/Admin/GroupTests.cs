using Milena.Kafka.Admin.Internal.Groups;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing;
using Milena.Kafka.Tests.Consumer.Groups;

namespace Milena.Kafka.Tests.Admin;

/// <summary>Groups as an administrator sees and ends them, against the embedded cluster.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[CancelAfter(60_000)]
public class GroupTests : GroupAdminTest
{
    [TestCase(GroupProtocol.Classic, GroupType.Classic)]
    [TestCase(GroupProtocol.Consumer, GroupType.Consumer)]
    public async Task A_group_is_described_with_members_and_partitions_whatever_its_protocol(GroupProtocol protocol, GroupType type, CancellationToken cancellationToken)
    {
        await StartAsync(brokers: 3, partitions: 4);
        await using GroupMemberRig member = await JoinedAsync(protocol, cancellationToken, o => o.GroupInstanceId = "static-1");

        ConsumerGroupDescription group = (await Admin.DescribeConsumerGroupsAsync([Group], cancellationToken: cancellationToken))[Group];

        ConsumerGroupMember only = group.Members.Single();
        Assert.That((group.Type, group.State, group.IsSimple), Is.EqualTo((type, GroupState.Stable, false)));
        Assert.That(group.CoordinatorId, Is.EqualTo(Cluster.Coordinator(Group)));
        Assert.That(only.Assignment, Is.EquivalentTo(member.Owned));
        Assert.That((only.InstanceId, only.Host), Is.EqualTo(("static-1", "/127.0.0.1")));
        Assert.That(group.AuthorizedOperations, Is.Null);
        Assert.That(only.TargetAssignment, protocol == GroupProtocol.Consumer ? Is.EquivalentTo(member.Owned) : Is.Null);
        Assert.That(only.SubscribedTopics, protocol == GroupProtocol.Consumer ? Is.EqualTo(new[] { Topic }) : Is.Null);
        Assert.That(group.GroupEpoch, protocol == GroupProtocol.Consumer ? Is.Positive : Is.Null);
    }

    [Test]
    public async Task Groups_of_both_protocols_and_unknown_ones_are_described_in_one_call(CancellationToken cancellationToken)
    {
        await StartAsync(brokers: 3, partitions: 2);
        await using GroupMemberRig classic = await JoinedAsync(GroupProtocol.Classic, cancellationToken, o => o.GroupId = "old");
        await using GroupMemberRig modern = await JoinedAsync(GroupProtocol.Consumer, cancellationToken, o => o.GroupId = "new");

        AdminResults<string, ConsumerGroupDescription> groups = await Admin.DescribeConsumerGroupsAsync(
            ["old", "new", "nobody"], new DescribeGroupsOptions { IncludeAuthorizedOperations = true }, cancellationToken);

        Assert.That(groups.Values.ToDictionary(g => g.Key, g => g.Value.Type), Is.EqualTo(new Dictionary<string, GroupType> { ["old"] = GroupType.Classic, ["new"] = GroupType.Consumer }));
        Assert.That(groups.Failures.Keys, Is.EqualTo(new[] { "nobody" }));
        Assert.That(groups.Failures["nobody"].Code, Is.EqualTo(ErrorCode.GroupIdNotFound));
        Assert.That(() => groups["nobody"], Throws.TypeOf<KafkaException>().With.Message.Contains("'nobody'"));
        Assert.That(groups.Values.Values.Select(g => g.AuthorizedOperations), Has.All.Contain(AclOperation.Delete));
    }

    [TestCase((short)0)]
    [TestCase((short)5)]
    public async Task Brokers_without_the_newer_protocol_describe_as_well(short version, CancellationToken cancellationToken)
    {
        await StartAsync(partitions: 2);
        Cluster.HideApi(ApiKey.ConsumerGroupDescribe);
        Cluster.MaxVersion(ApiKey.DescribeGroups, version);
        await using GroupMemberRig member = await JoinedAsync(GroupProtocol.Classic, cancellationToken);

        AdminResults<string, ConsumerGroupDescription> groups = await Admin.DescribeConsumerGroupsAsync([Group, "nobody"], cancellationToken: cancellationToken);

        Assert.That(groups[Group].Members.Single().Assignment, Is.EquivalentTo(member.Owned));
        Assert.That(groups.Failures["nobody"].Code, Is.EqualTo(ErrorCode.GroupIdNotFound), "older brokers call it a dead group");
    }

    [Test]
    public async Task What_an_old_broker_cannot_be_asked_is_told_as_such(CancellationToken cancellationToken)
    {
        await StartAsync();
        Cluster.HideApi(ApiKey.ConsumerGroupDescribe);
        Cluster.HideApi(ApiKey.ShareGroupDescribe);
        Cluster.MaxVersion(ApiKey.DescribeGroups, 2);
        Cluster.MaxVersion(ApiKey.ListGroups, 3);

        AdminResults<string, ConsumerGroupDescription> described = await Admin.DescribeConsumerGroupsAsync(
            [Group], new DescribeGroupsOptions { IncludeAuthorizedOperations = true }, cancellationToken);
        AdminListing<GroupListing> listed = await Admin.ListGroupsAsync(new ListGroupsOptions { States = [GroupState.Stable] }, cancellationToken);
        AdminResults<string, ShareGroupDescription> shared = await Admin.DescribeShareGroupsAsync([Group], cancellationToken: cancellationToken);

        Assert.That(described.Failures[Group], Is.TypeOf<UnsupportedVersionException>());
        Assert.That(listed.Failures.Values, Has.All.TypeOf<UnsupportedVersionException>());
        Assert.That(shared.Failures[Group], Is.TypeOf<UnsupportedVersionException>());
    }

    [Test]
    public async Task Classic_groups_of_any_protocol_type_are_told_in_their_own_bytes(CancellationToken cancellationToken)
    {
        await StartAsync();
        await using GroupMemberRig member = await JoinedAsync(GroupProtocol.Classic, cancellationToken);
        await using GroupMemberRig modern = await JoinedAsync(GroupProtocol.Consumer, cancellationToken, o => o.GroupId = "new");

        AdminResults<string, ClassicGroupDescription> groups = await Admin.DescribeClassicGroupsAsync([Group, "new"], cancellationToken: cancellationToken);

        Assert.That(groups[Group].ProtocolType, Is.EqualTo("consumer"));
        Assert.That(groups[Group].Members.Single().Metadata.Length, Is.Positive);
        Assert.That(groups[Group].Members.Single().Assignment.Length, Is.Positive);
        Assert.That(groups.Failures["new"].Code, Is.EqualTo(ErrorCode.GroupIdNotFound));
    }

    [Test]
    public async Task Streams_groups_are_honestly_not_there(CancellationToken cancellationToken)
    {
        await StartAsync();

        AdminResults<string, StreamsGroupDescription> groups = await Admin.DescribeStreamsGroupsAsync(["app"], cancellationToken: cancellationToken);

        Assert.That(groups.Failures["app"].Code, Is.EqualTo(ErrorCode.GroupIdNotFound));
    }

    [Test]
    public async Task All_brokers_list_their_groups_and_filters_pick_some(CancellationToken cancellationToken)
    {
        await StartAsync(brokers: 3);
        await using GroupMemberRig classic = await JoinedAsync(GroupProtocol.Classic, cancellationToken, o => o.GroupId = "old");
        await using GroupMemberRig modern = await JoinedAsync(GroupProtocol.Consumer, cancellationToken, o => o.GroupId = "new");
        string[] stored = [.. Enumerable.Range(0, 10).Select(i => $"stored-{i}")];
        foreach (string group in stored)
        {
            (await Admin.AlterGroupOffsetsAsync(group, [new PartitionOffset(First, 0)], cancellationToken: cancellationToken)).ThrowIfAnyFailed();
        }

        AdminListing<GroupListing> all = await Admin.ListGroupsAsync(cancellationToken: cancellationToken);

        Assert.That(all.Failures, Is.Empty);
        Assert.That(all.Succeeded, Is.EquivalentTo(Cluster.BrokerIds));
        Assert.That(all.Items.Select(g => g.GroupId), Is.EquivalentTo(new[] { "old", "new" }.Concat(stored)));
        Assert.That(all.Items.Where(g => g.CoordinatorId != Cluster.Coordinator(g.GroupId)), Is.Empty);
        Assert.That(await IdsAsync(new ListGroupsOptions { States = [GroupState.Stable] }), Is.EquivalentTo(new[] { "old", "new" }));
        Assert.That(await IdsAsync(new ListGroupsOptions { Types = [GroupType.Consumer] }), Is.EquivalentTo(new[] { "new" }));
        Assert.That(await IdsAsync(new ListGroupsOptions { States = [GroupState.Stable], Types = [GroupType.Classic] }), Is.EquivalentTo(new[] { "old" }));
        Assert.That(await IdsAsync(new ListGroupsOptions { ProtocolTypes = [""] }), Is.EquivalentTo(stored));
        Assert.That(all.Items.Where(g => g.IsSimple).Select(g => g.GroupId), Is.EquivalentTo(stored));

        async Task<IEnumerable<string>> IdsAsync(ListGroupsOptions options) => (await Admin.ListGroupsAsync(options, cancellationToken)).Items.Select(g => g.GroupId);
    }

    [Test]
    public async Task A_broker_that_fails_does_not_hide_the_groups_of_the_others(CancellationToken cancellationToken)
    {
        await StartAsync(brokers: 2);
        string[] groups = [.. Enumerable.Range(0, 8).Select(i => $"g{i}")];
        foreach (string group in groups)
        {
            (await Admin.AlterGroupOffsetsAsync(group, [new PartitionOffset(First, 0)], cancellationToken: cancellationToken)).ThrowIfAnyFailed();
        }

        Cluster.Fail(ApiKey.ListGroups, ErrorCode.ClusterAuthorizationFailed, new FaultScope { BrokerId = 1, Count = int.MaxValue });

        AdminListing<GroupListing> listed = await Admin.ListGroupsAsync(cancellationToken: cancellationToken);

        Assert.That(listed.Failures.Single().Key, Is.EqualTo(1));
        Assert.That(listed.Failures[1], Is.TypeOf<AuthorizationException>());
        Assert.That(listed.Items.Select(g => g.GroupId), Is.EquivalentTo(groups.Where(g => Cluster.Coordinator(g) == 2)));
        Assert.That(listed.ThrowIfAnyFailed, Throws.TypeOf<AuthorizationException>());
    }

    [Test]
    public async Task A_group_is_deleted_once_it_is_empty_and_others_are_told_apart(CancellationToken cancellationToken)
    {
        await StartAsync(brokers: 3);
        await using GroupMemberRig member = await JoinedAsync(GroupProtocol.Classic, cancellationToken);
        await Admin.AlterGroupOffsetsAsync("idle", [new PartitionOffset(First, 0)], cancellationToken: cancellationToken);

        AdminOutcome<string> outcome = await Admin.DeleteGroupsAsync([Group, "idle", "nobody"], cancellationToken: cancellationToken);

        Assert.That(outcome.Succeeded, Is.EqualTo(new[] { "idle" }));
        Assert.That(outcome.Failures.ToDictionary(f => f.Key, f => f.Value.Code), Is.EqualTo(new Dictionary<string, ErrorCode>
        {
            [Group] = ErrorCode.NonEmptyGroup,
            ["nobody"] = ErrorCode.GroupIdNotFound,
        }));
        Assert.That((await Admin.ListGroupsAsync(cancellationToken: cancellationToken)).Items.Select(g => g.GroupId), Is.EqualTo(new[] { Group }));
    }

    [Test]
    public async Task A_coordinator_that_moved_in_the_middle_of_a_call_is_found_again(CancellationToken cancellationToken)
    {
        await StartAsync(brokers: 3);
        await Admin.AlterGroupOffsetsAsync("idle", [new PartitionOffset(First, 0)], cancellationToken: cancellationToken);
        int to = Cluster.BrokerIds.First(id => id != Cluster.Coordinator("idle"));
        Cluster.MoveCoordinator("idle", to);

        ConsumerGroupDescription group = (await Admin.DescribeConsumerGroupsAsync(["idle"], cancellationToken: cancellationToken))["idle"];
        AdminOutcome<string> deleted = await Admin.DeleteGroupsAsync(["idle"], cancellationToken: cancellationToken);

        Assert.That(group.CoordinatorId, Is.EqualTo(to));
        Assert.That(deleted.Succeeded, Is.EqualTo(new[] { "idle" }));
    }

    [Test]
    public async Task A_group_without_a_coordinator_does_not_hold_up_the_others(CancellationToken cancellationToken)
    {
        await StartAsync(brokers: 2, apiTimeout: TimeSpan.FromSeconds(2));
        await Admin.AlterGroupOffsetsAsync("fine", [new PartitionOffset(First, 0)], cancellationToken: cancellationToken);
        Cluster.MaxVersion(ApiKey.FindCoordinator, 3);
        await using var kafka = new KafkaClient(new KafkaClientOptions { BootstrapServers = Cluster.BootstrapServers, ApiTimeout = TimeSpan.FromSeconds(2) });

        // One group a request: first the lost one, then the other, then the lost one again and again.
        Cluster.FailNext(ApiKey.FindCoordinator, ErrorCode.CoordinatorNotAvailable);
        Cluster.Fail(ApiKey.FindCoordinator, ErrorCode.CoordinatorNotAvailable, new FaultScope { Skip = 2, Count = int.MaxValue });
        AdminResults<string, AdminResults<TopicPartition, PartitionOffset?>> offsets = await kafka.CreateAdmin().ListGroupOffsetsAsync(
            new Dictionary<string, IReadOnlyCollection<TopicPartition>?> { ["lost"] = null, ["fine"] = null }, cancellationToken: cancellationToken);

        Assert.That(offsets["fine"].Values[First]!.Offset, Is.Zero);
        Assert.That(offsets.Failures["lost"], Is.TypeOf<OperationTimeoutException>().With.Property("Code").EqualTo(ErrorCode.CoordinatorNotAvailable));
    }

    [TestCase((short)5)]
    [TestCase((short)3)]
    public async Task Members_are_removed_by_their_id_or_their_static_name(short version, CancellationToken cancellationToken)
    {
        await StartAsync(brokers: 2, partitions: 4);
        Cluster.MaxVersion(ApiKey.LeaveGroup, version);
        await using GroupMemberRig named = await JoinedAsync(GroupProtocol.Classic, cancellationToken, o => o.GroupInstanceId = "static-1");

        AdminOutcome<GroupMemberName> outcome = await Admin.RemoveGroupMembersAsync(
            Group,
            [GroupMemberName.OfInstance("static-1"), GroupMemberName.OfMember("stranger"), GroupMemberName.OfInstance("static-9")],
            new RemoveGroupMembersOptions { Reason = "moving house" },
            cancellationToken);

        Assert.That(outcome.Succeeded, Is.EqualTo(new[] { GroupMemberName.OfInstance("static-1") }));
        Assert.That(outcome.Failures.Values.Select(f => f.Code), Is.EqualTo(new[] { ErrorCode.UnknownMemberId, ErrorCode.UnknownMemberId }));
        LeaveGroupRequest request = Cluster.Received<LeaveGroupRequest>().First(r => r.Members.Exists(m => m.GroupInstanceId == "static-1"));
        Assert.That(request.Members[0].Reason, version >= 5 ? Is.EqualTo("member was removed by an admin: moving house") : Is.Null);
    }

    [Test]
    public async Task Everyone_is_removed_at_once(CancellationToken cancellationToken)
    {
        await StartAsync(partitions: 4);
        await using GroupMemberRig first = Member("first").Start();
        await using GroupMemberRig second = Member("second", o => o.GroupInstanceId = "static-2").Start();
        await first.UntilAsync(_ => first.Owned.Count == 2 && second.Owned.Count == 2, cancellationToken);
        ConsumerGroupDescription before = (await Admin.DescribeConsumerGroupsAsync([Group], cancellationToken: cancellationToken))[Group];
        await StopAsync(first, second);

        AdminOutcome<GroupMemberName> outcome = await Admin.RemoveAllGroupMembersAsync(Group, cancellationToken: cancellationToken);

        Assert.That(outcome.Failures, Is.Empty);
        Assert.That(outcome.Succeeded, Is.SubsetOf(before.Members.Select(m => m.InstanceId is { } i ? GroupMemberName.OfInstance(i) : GroupMemberName.OfMember(m.MemberId))));
        Assert.That(outcome.Succeeded, Does.Contain(GroupMemberName.OfInstance("static-2")));
        Assert.That(() => Admin.RemoveAllGroupMembersAsync("nobody", cancellationToken: cancellationToken), Throws.TypeOf<KafkaException>().With.Property("Code").EqualTo(ErrorCode.GroupIdNotFound));
    }

    [Test]
    public async Task Brokers_that_know_one_member_a_request_remove_many_and_refuse_static_names(CancellationToken cancellationToken)
    {
        await StartAsync();
        Cluster.MaxVersion(ApiKey.LeaveGroup, 2);

        AdminOutcome<GroupMemberName> byId = await Admin.RemoveGroupMembersAsync(Group, [GroupMemberName.OfMember("a"), GroupMemberName.OfMember("b")], cancellationToken: cancellationToken);
        AdminOutcome<GroupMemberName> byName = await Admin.RemoveGroupMembersAsync(Group, [GroupMemberName.OfInstance("static-1")], cancellationToken: cancellationToken);

        Assert.That(byId.Failures.Values.Select(f => f.Code), Is.EqualTo(new[] { ErrorCode.UnknownMemberId, ErrorCode.UnknownMemberId }));
        Assert.That(byName.Failures.Values.Single(), Is.TypeOf<UnsupportedVersionException>());
        Assert.That(Cluster.ReceivedCount(ApiKey.LeaveGroup), Is.EqualTo(2));
    }

    [Test]
    public async Task Many_coordinators_are_looked_up_in_one_request(CancellationToken cancellationToken)
    {
        await StartAsync(brokers: 3);

        AdminResults<string, ClassicGroupDescription> groups = await Admin.DescribeClassicGroupsAsync(Enumerable.Range(0, 8).Select(i => $"g{i}"), cancellationToken: cancellationToken);

        Assert.That(groups.Failures, Has.Count.EqualTo(8));
        Assert.That(Cluster.ReceivedCount(ApiKey.FindCoordinator), Is.EqualTo(1));
        Assert.That(Cluster.ReceivedCount(ApiKey.DescribeGroups), Is.EqualTo(Enumerable.Range(0, 8).Select(i => Cluster.Coordinator($"g{i}")).Distinct().Count()));
    }

    [Test]
    public void A_reason_that_is_too_long_is_cut()
    {
        LeaveGroupRequest request = new RemoveMembersOperation(Group, new string('x', 300)).CreateRequest([GroupMemberName.OfMember("m")], 5);

        Assert.That(request.Members[0].Reason, Has.Length.EqualTo(255).And.StartsWith("member was removed by an admin: xxx"));
    }

    [Test]
    public async Task A_client_is_given_an_id_once(CancellationToken cancellationToken)
    {
        await StartAsync();
        AdminClient admin = Admin;

        Guid first = await admin.GetClientInstanceIdAsync(cancellationToken: cancellationToken);
        Guid second = await admin.GetClientInstanceIdAsync(cancellationToken: cancellationToken);

        Assert.That(first, Is.Not.EqualTo(Guid.Empty));
        Assert.That(second, Is.EqualTo(first));
        Assert.That(await Admin.GetClientInstanceIdAsync(cancellationToken: cancellationToken), Is.Not.EqualTo(first), "another admin client");
        Cluster.HideApi(ApiKey.GetTelemetrySubscriptions);
        await using var fresh = new KafkaClient(Cluster.BootstrapServers);
        Assert.That(() => fresh.CreateAdmin().GetClientInstanceIdAsync(cancellationToken: cancellationToken), Throws.TypeOf<UnsupportedVersionException>());
    }

    /// <summary>Members whose loops have ended keep their place until their sessions end.</summary>
    private static Task StopAsync(params GroupMemberRig[] members) => Task.WhenAll(members.Select(m => m.StopLoopAsync()));
}
