using System.Text.Json;
using Milena.Kafka.Protocol;
using Milena.Kafka.Testing;

namespace Milena.Kafka.Tests.Interop;

/// <summary>What we administer, kafkajs and kcat see, and the other way round.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[CancelAfter(120_000)]
public class OutsideAdminTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly TopicPartition First = new("orders", 0);

    private TestCluster _cluster = null!;

    private KafkaClient Kafka { get; set; } = null!;

    private AdminClient Admin => Kafka.CreateAdmin();

    [SetUp]
    public async Task StartAsync()
    {
        // Without SASL everyone is the same: here someone who may do everything, so that rules are kept and none of them stops the test.
        var security = new TestSecurityOptions { Authorization = new TestAuthorizationOptions { SuperUsers = { "User:ANONYMOUS" } } };
        _cluster = await TestCluster.StartAsync(brokers: 2, new TestClusterOptions { Security = security });
        _cluster.CreateTopic("orders", 2);
        Kafka = new KafkaClient(_cluster.BootstrapServers);
    }

    [TearDown]
    public async Task StopAsync()
    {
        await Kafka.DisposeAsync();
        await _cluster.DisposeAsync();
    }

    [Test]
    public async Task Offsets_that_we_store_kafkajs_reads_and_the_other_way_round(CancellationToken cancellationToken)
    {
        await ProduceAsync(10, cancellationToken);
        await Admin.AlterGroupOffsetsAsync("ours", [new PartitionOffset(First, 4, -1, "note")], cancellationToken: cancellationToken);

        IReadOnlyList<JsonElement> answers = await AskKafkajsAsync(
            cancellationToken,
            ("fetchOffsets", new { groupId = "ours", topics = new[] { "orders" } }),
            ("setOffsets", new { groupId = "theirs", topic = "orders", partitions = new[] { new { partition = 0, offset = "7" } } }),
            ("resetOffsets", new { groupId = "ours", topic = "orders", earliest = true }),
            ("fetchOffsets", new { groupId = "ours", topics = new[] { "orders" }, resolveOffsets = true }));

        JsonElement read = Partition(answers[0][0].GetProperty("partitions"), 0);
        Assert.That((read.GetProperty("offset").GetString(), read.GetProperty("metadata").GetString()), Is.EqualTo(("4", "note")));
        Assert.That((await Admin.ListGroupOffsetsAsync("theirs", [First], cancellationToken: cancellationToken))[First]!.Offset, Is.EqualTo(7));
        Assert.That(Partition(answers[3][0].GetProperty("partitions"), 0).GetProperty("offset").GetString(), Is.EqualTo("0"), "kafkajs resets to the earliest");
        AdminResults<TopicPartition, OffsetResetStep> moved = await Admin.ResetGroupOffsetsAsync("theirs", OffsetReset.By(-2), cancellationToken: cancellationToken);
        Assert.That(moved[First].After, Is.EqualTo(5));
        JsonElement after = (await AskKafkajsAsync(cancellationToken, ("fetchOffsets", new { groupId = "theirs", topics = new[] { "orders" } })))[0];
        Assert.That(Partition(after[0].GetProperty("partitions"), 0).GetProperty("offset").GetString(), Is.EqualTo("5"));
    }

    [Test]
    public async Task Groups_are_listed_described_and_deleted_from_both_sides(CancellationToken cancellationToken)
    {
        await Admin.AlterGroupOffsetsAsync("one", [new PartitionOffset(First, 0)], cancellationToken: cancellationToken);
        await Admin.AlterGroupOffsetsAsync("two", [new PartitionOffset(First, 0)], cancellationToken: cancellationToken);

        IReadOnlyList<JsonElement> answers = await AskKafkajsAsync(
            cancellationToken, ("listGroups", null), ("describeGroups", new[] { "one", "two" }), ("deleteGroups", new[] { "one" }), ("deleteGroups", new[] { "one" }));

        Assert.That(answers[0].GetProperty("groups").EnumerateArray().Select(g => g.GetProperty("groupId").GetString()), Is.EquivalentTo(new[] { "one", "two" }));
        Assert.That(answers[1].GetProperty("groups").EnumerateArray().Select(g => g.GetProperty("state").GetString()), Has.All.EqualTo("Empty"));
        Assert.That(answers[3].TryGetProperty("error", out _), "what is gone cannot be deleted");
        Assert.That((await Admin.ListGroupsAsync(cancellationToken: cancellationToken)).Items.Select(g => g.GroupId), Is.EqualTo(new[] { "two" }));
        (await Admin.DeleteGroupsAsync(["two"], cancellationToken: cancellationToken)).ThrowIfAnyFailed();
        Assert.That((await AskKafkajsAsync(cancellationToken, ("listGroups", null)))[0].GetProperty("groups").GetArrayLength(), Is.Zero);
    }

    [Test]
    public async Task Records_that_kafkajs_deletes_are_out_of_a_resets_reach(CancellationToken cancellationToken)
    {
        await ProduceAsync(10, cancellationToken);

        // kafkajs has to have asked about the topic before it can delete from it.
        IReadOnlyList<JsonElement> answers = await AskKafkajsAsync(
            cancellationToken,
            ("fetchTopicOffsets", "orders"),
            ("deleteTopicRecords", new { topic = "orders", partitions = new[] { new { partition = 0, offset = "6" } } }));

        AdminResults<TopicPartition, OffsetResetStep> reset = await Admin.ResetGroupOffsetsAsync(
            "billing", OffsetReset.ToOffset(2), new ResetGroupOffsetsOptions { Partitions = [First] }, cancellationToken);

        Assert.That(answers[1].ValueKind, Is.EqualTo(JsonValueKind.Null), answers[1].ToString());
        Assert.That(reset[First], Is.EqualTo(new OffsetResetStep(null, 6, 6, 10, IsClamped: true)));
    }

    [Test]
    public async Task Rules_are_made_found_and_removed_from_both_sides(CancellationToken cancellationToken)
    {
        var ours = new AclBinding(ResourceType.Topic, "orders-", "User:alice", AclOperation.Read, Pattern: PatternType.Prefixed);
        (await Admin.CreateAclsAsync([ours], cancellationToken: cancellationToken)).ThrowIfAnyFailed();
        var theirs = new
        {
            resourceType = (int)ResourceType.Group,
            resourceName = "billing",
            resourcePatternType = (int)PatternType.Literal,
            principal = "User:bob",
            host = "*",
            operation = (int)AclOperation.Delete,
            permissionType = (int)AclPermissionType.Deny,
        };
        var all = new
        {
            resourceType = (int)ResourceType.Any,
            resourcePatternType = (int)PatternType.Any,
            operation = (int)AclOperation.Any,
            permissionType = (int)AclPermissionType.Any,
        };

        IReadOnlyList<JsonElement> answers = await AskKafkajsAsync(cancellationToken, ("createAcls", new { acl = new[] { theirs } }), ("describeAcls", all));
        IReadOnlyList<AclBinding> seen = await Admin.DescribeAclsAsync(cancellationToken: cancellationToken);
        JsonElement removed = (await AskKafkajsAsync(
            cancellationToken,
            ("deleteAcls", new { filters = new[] { new { all.resourceType, resourceName = "orders-", all.resourcePatternType, all.operation, all.permissionType } } })))[0];

        Assert.That(answers[1].GetProperty("resources").EnumerateArray().Select(r => r.GetProperty("resourceName").GetString()), Is.EquivalentTo(new[] { "orders-", "billing" }));
        Assert.That(seen, Is.EquivalentTo(new[] { ours, new AclBinding(ResourceType.Group, "billing", "User:bob", AclOperation.Delete, AclPermissionType.Deny) }));
        Assert.That(removed.GetProperty("filterResponses")[0].GetProperty("matchingAcls").GetArrayLength(), Is.EqualTo(1));
        Assert.That((await Admin.DescribeAclsAsync(cancellationToken: cancellationToken)).Select(acl => acl.Name), Is.EqualTo(new[] { "billing" }));
    }

    [Test]
    public async Task Kcat_is_described_as_the_member_that_it_is_and_put_out(CancellationToken cancellationToken)
    {
        if (!Kcat.IsAvailable(out string reason))
        {
            Assert.Ignore(reason);
        }

        await using LiveProcess kcat = LiveProcess.Start(
            OutsideProcess.Find("kcat")!,
            "-b", _cluster.BootstrapServers, "-u", "-q", "-X", "client.id=a-kcat", "-X", "heartbeat.interval.ms=200", "-X", "auto.offset.reset=earliest", "-f", "%o\n", "-G", "cats", "orders");
        await ProduceAsync(1, cancellationToken);
        await kcat.UntilAsync(lines => lines.Count > 0, cancellationToken);

        ConsumerGroupDescription group = (await Admin.DescribeConsumerGroupsAsync(["cats"], cancellationToken: cancellationToken))["cats"];
        long joins = _cluster.ReceivedCount(ApiKey.JoinGroup);
        AdminOutcome<GroupMemberName> removed = await Admin.RemoveAllGroupMembersAsync("cats", new RemoveGroupMembersOptions { Reason = "test" }, cancellationToken);
        await _cluster.WaitForAsync(ApiKey.JoinGroup, joins + 1, cancellationToken);

        ConsumerGroupMember member = group.Members.Single();
        Assert.That((group.Type, group.State, group.Assignor), Is.EqualTo((GroupType.Classic, GroupState.Stable, "range")));
        Assert.That(member.ClientId, Is.EqualTo("a-kcat"));
        Assert.That(member.Assignment, Is.EquivalentTo(new[] { First, new TopicPartition("orders", 1) }));
        Assert.That(removed.Succeeded, Is.EqualTo(new[] { GroupMemberName.OfMember(member.MemberId) }), "and it has joined again since");
    }

    private static JsonElement Partition(JsonElement partitions, int index) => partitions.EnumerateArray().Single(p => p.GetProperty("partition").GetInt32() == index);

    private async Task<IReadOnlyList<JsonElement>> AskKafkajsAsync(CancellationToken cancellationToken, params (string Call, object? With)[] calls)
    {
        if (!NodeClient.IsAvailable(out string reason))
        {
            Assert.Ignore(reason);
        }

        return await NodeClient.AdministerAsync(_cluster.BootstrapServers, Limit, cancellationToken, calls);
    }

    private async Task ProduceAsync(int count, CancellationToken cancellationToken)
    {
        await using Producer<string, string> producer = Kafka.CreateProducer<string, string>();
        for (int i = 0; i < count; i++)
        {
            await producer.ProduceAsync(new ProducerRecord<string, string>("orders", "k", $"v{i}") { Partition = 0 }, cancellationToken);
        }
    }
}
