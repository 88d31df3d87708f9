using Milena.Kafka.Protocol;
using Milena.Kafka.Testing;

namespace Milena.Kafka.Tests.Admin;

/// <summary>Share groups as an administrator sees them, against the embedded cluster, where they have no members.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[CancelAfter(60_000)]
public class ShareGroupTests
{
    private static readonly TopicPartition First = new("orders", 0);

    private TestCluster _cluster = null!;
    private KafkaClient _kafka = null!;

    private AdminClient Admin => _kafka.CreateAdmin();

    [SetUp]
    public async Task StartAsync()
    {
        _cluster = await TestCluster.StartAsync(brokers: 2);
        _cluster.CreateTopic("orders", 2);
        _cluster.CreateShareGroup("shared");
        _kafka = new KafkaClient(_cluster.BootstrapServers);
    }

    [TearDown]
    public async Task StopAsync()
    {
        await _kafka.DisposeAsync();
        await _cluster.DisposeAsync();
    }

    [Test]
    public async Task A_share_group_is_listed_described_and_deleted(CancellationToken cancellationToken)
    {
        AdminListing<GroupListing> listed = await Admin.ListGroupsAsync(new ListGroupsOptions { Types = [GroupType.Share] }, cancellationToken);
        AdminResults<string, ShareGroupDescription> described = await Admin.DescribeShareGroupsAsync(
            ["shared", "nobody"], new DescribeGroupsOptions { IncludeAuthorizedOperations = true }, cancellationToken);
        AdminOutcome<string> deleted = await Admin.DeleteGroupsAsync(["shared"], cancellationToken: cancellationToken);

        Assert.That(listed.Items.Single(), Is.EqualTo(new GroupListing("shared", GroupType.Share, "share", GroupState.Empty, _cluster.Coordinator("shared"))));
        Assert.That((described["shared"].State, described["shared"].Members.Count, described["shared"].CoordinatorId), Is.EqualTo((GroupState.Empty, 0, _cluster.Coordinator("shared"))));
        Assert.That(described["shared"].AuthorizedOperations, Does.Contain(AclOperation.Read));
        Assert.That(described.Failures["nobody"].Code, Is.EqualTo(ErrorCode.GroupIdNotFound));
        Assert.That(deleted.Succeeded, Is.EqualTo(new[] { "shared" }));
        Assert.That((await Admin.ListGroupsAsync(cancellationToken: cancellationToken)).Items, Is.Empty);
    }

    [TestCase((short)1)]
    [TestCase((short)0)]
    public async Task Offsets_are_set_told_and_forgotten(short version, CancellationToken cancellationToken)
    {
        _cluster.MaxVersion(ApiKey.DescribeShareGroupOffsets, version);
        await using Producer<string, string> producer = _kafka.CreateProducer<string, string>();
        for (int i = 0; i < 5; i++)
        {
            await producer.ProduceAsync(new ProducerRecord<string, string>("orders", "k", "v") { Partition = 0 }, cancellationToken);
        }

        AdminOutcome<TopicPartition> set = await Admin.AlterShareGroupOffsetsAsync(
            "shared", new Dictionary<TopicPartition, long> { [First] = 2, [new("orders", 9)] = 0, [new("nothing", 0)] = 0 }, cancellationToken: cancellationToken);
        AdminResults<TopicPartition, SharePartitionOffset?> all = await Admin.ListShareGroupOffsetsAsync("shared", cancellationToken: cancellationToken);
        AdminResults<TopicPartition, SharePartitionOffset?> some = await Admin.ListShareGroupOffsetsAsync("shared", [First, new("orders", 1)], cancellationToken: cancellationToken);
        AdminOutcome<string> forgotten = await Admin.DeleteShareGroupOffsetsAsync("shared", ["orders", "nothing"], cancellationToken: cancellationToken);

        Assert.That(set.Succeeded, Is.EqualTo(new[] { First }));
        Assert.That(set.Failures.Values.Select(f => f.Code), Has.All.EqualTo(ErrorCode.UnknownTopicOrPartition));
        Assert.That(all.Values, Is.EqualTo(new Dictionary<TopicPartition, SharePartitionOffset?> { [First] = new SharePartitionOffset(2, 0, version > 0 ? 3 : null) }));
        Assert.That(some[new("orders", 1)], Is.Null);
        Assert.That(forgotten.Succeeded, Is.EqualTo(new[] { "orders" }));
        Assert.That(forgotten.Failures["nothing"].Code, Is.EqualTo(ErrorCode.UnknownTopicOrPartition));
        Assert.That((await Admin.ListShareGroupOffsetsAsync("shared", cancellationToken: cancellationToken)).Values, Is.Empty);
    }

    [Test]
    public async Task Unknown_groups_fail_one_by_one_and_old_brokers_say_so(CancellationToken cancellationToken)
    {
        AdminResults<string, AdminResults<TopicPartition, SharePartitionOffset?>> many = await Admin.ListShareGroupOffsetsAsync(
            new Dictionary<string, IReadOnlyCollection<TopicPartition>?> { ["shared"] = null, ["nobody"] = [First] }, cancellationToken: cancellationToken);
        AdminOutcome<TopicPartition> set = await Admin.AlterShareGroupOffsetsAsync("nobody", new Dictionary<TopicPartition, long> { [First] = 1 }, cancellationToken: cancellationToken);
        AdminOutcome<string> forgotten = await Admin.DeleteShareGroupOffsetsAsync("nobody", ["orders"], cancellationToken: cancellationToken);
        _cluster.HideApi(ApiKey.DescribeShareGroupOffsets);
        await using var fresh = new KafkaClient(_cluster.BootstrapServers);

        Assert.That(many["shared"].Values, Is.Empty);
        Assert.That(many.Failures["nobody"].Code, Is.EqualTo(ErrorCode.GroupIdNotFound));
        Assert.That((set.Failures[First].Code, forgotten.Failures["orders"].Code), Is.EqualTo((ErrorCode.GroupIdNotFound, ErrorCode.GroupIdNotFound)));
        Assert.That(() => fresh.CreateAdmin().ListShareGroupOffsetsAsync("shared", cancellationToken: cancellationToken), Throws.TypeOf<UnsupportedVersionException>());
    }

    [Test]
    public async Task Groups_of_other_types_do_not_take_its_id(CancellationToken cancellationToken)
    {
        AdminOutcome<TopicPartition> offsets = await Admin.AlterGroupOffsetsAsync("shared", [new PartitionOffset(First, 1)], cancellationToken: cancellationToken);
        AdminResults<string, ConsumerGroupDescription> described = await Admin.DescribeConsumerGroupsAsync(["shared"], cancellationToken: cancellationToken);

        Assert.That(offsets.Failures[First].Code, Is.EqualTo(ErrorCode.GroupIdNotFound));
        Assert.That(described.Failures["shared"].Code, Is.EqualTo(ErrorCode.GroupIdNotFound));
    }
}
