using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Tests.Admin;

/// <summary>Topics, partitions and the deletion of records, end to end.</summary>
public class TopicTests : AdminTest
{
    [Test]
    public async Task Created_topics_are_told_with_id_partitions_and_settings_and_one_that_fails_hides_no_other()
    {
        AdminResults<string, CreatedTopic> created = await Admin.CreateTopicsAsync(
            [
                new NewTopic("orders") { Partitions = 4, ReplicationFactor = 2, Configs = new Dictionary<string, string> { ["retention.ms"] = "5000" } },
                new NewTopic("no good") { Partitions = 1, ReplicationFactor = 1 },
                new NewTopic("odd") { Configs = new Dictionary<string, string> { ["cleanup.policy"] = "shred" } },
                new NewTopic("wide") { Partitions = 1, ReplicationFactor = 9 },
            ],
            cancellationToken: Bound);

        CreatedTopic orders = created["orders"];
        Assert.That((orders.Id, orders.Partitions, orders.ReplicationFactor), Is.EqualTo((Cluster.TopicId("orders"), 4, (short)2)));
        Assert.That(orders.Configs!["retention.ms"], Is.EqualTo(new ConfigEntry("retention.ms", "5000", ConfigSource.DynamicTopic) { Synonyms = orders.Configs["retention.ms"].Synonyms }));
        Assert.That(orders.Configs["cleanup.policy"].IsDefault);
        Assert.That(CodeOf(created, "no good"), Is.EqualTo(ErrorCode.InvalidTopicException));
        Assert.That(FailureOf(created, "odd").Message, Does.Contain("Invalid value shred for configuration cleanup.policy: String must be one of: compact, delete"));
        Assert.That(CodeOf(created, "wide"), Is.EqualTo(ErrorCode.InvalidReplicationFactor));
        Assert.That(created.ThrowIfAnyFailed, Throws.TypeOf<KafkaException>().With.Message.StartsWith("3 of 4 failed."));
        Assert.That(Cluster.Topics, Is.EqualTo(new[] { "orders" }));
    }

    [Test]
    public async Task Replicas_stand_where_they_are_assigned()
    {
        CreatedTopic created = (await Admin.CreateTopicsAsync([new NewTopic("orders") { Assignments = [[3, 1], [2, 3]] }], cancellationToken: Bound))["orders"];

        Assert.That((created.Partitions, created.ReplicationFactor), Is.EqualTo((2, (short)2)));
        TopicDescription described = (await Admin.DescribeTopicsAsync(["orders"], cancellationToken: Bound))["orders"];
        Assert.That(described.Partitions.Select(partition => partition.Replicas), Is.EqualTo(new[] { new[] { 3, 1 }, new[] { 2, 3 } }));
        Assert.That(described.Partitions.Select(partition => partition.Leader), Is.EqualTo(new int?[] { 3, 2 }));
    }

    [Test]
    public async Task A_call_that_only_validates_creates_nothing()
    {
        var check = new AdminChangeOptions { ValidateOnly = true };

        AdminResults<string, CreatedTopic> created = await Admin.CreateTopicsAsync([new NewTopic("orders") { Partitions = 2 }, new NewTopic("") { Partitions = 2 }], check, Bound);

        Assert.That((created["orders"].Id, created["orders"].Partitions), Is.EqualTo(((Guid?)null, 2)));
        Assert.That(CodeOf(created, ""), Is.EqualTo(ErrorCode.InvalidTopicException));
        Assert.That(Cluster.Topics, Is.Empty);
    }

    [Test]
    public async Task What_a_version_cannot_say_fails_at_the_call_and_the_rest_goes_on()
    {
        Cluster.MaxVersion(ApiKey.CreateTopics, 3);

        AdminResults<string, CreatedTopic> created = await Admin.CreateTopicsAsync(
            [new NewTopic("defaults"), new NewTopic("plain") { Partitions = 1, ReplicationFactor = 1 }], cancellationToken: Bound);

        Assert.That(FailureOf(created, "defaults"), Is.TypeOf<UnsupportedVersionException>());
        Assert.That((created["plain"].Id, created["plain"].Partitions, created["plain"].Configs), Is.EqualTo(((Guid?)null, (int?)null, (object?)null)));
        Assert.That(Cluster.Topics, Is.EqualTo(new[] { "plain" }));
    }

    [Test]
    public async Task A_create_whose_answer_was_lost_tells_that_the_topic_exists()
    {
        Cluster.DropConnection(ApiKey.CreateTopics, new() { AfterHandling = true });

        Assert.That(async () => await Admin.CreateTopicAsync(new NewTopic("orders"), Bound), Throws.TypeOf<KafkaException>().With.Property("Code").EqualTo(ErrorCode.TopicAlreadyExists));
    }

    [Test]
    public async Task A_controller_that_moved_is_followed()
    {
        Cluster.FailNext(ApiKey.CreatePartitions, ErrorCode.NotController);
        await Admin.CreateTopicAsync(new NewTopic("orders"), Bound);

        AdminOutcome<string> grown = await Admin.CreatePartitionsAsync(new Dictionary<string, NewPartitions> { ["orders"] = new(3) }, cancellationToken: Bound);

        Assert.That(grown.Failures, Is.Empty);
        Assert.That(Cluster.PartitionCount("orders"), Is.EqualTo(3));
        Assert.That(Cluster.Received(ApiKey.CreatePartitions), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Topics_are_deleted_by_name_and_by_id()
    {
        Cluster.CreateTopic("a");
        Guid b = Cluster.CreateTopic("b");
        var unknown = new Guid("11111111-2222-3333-4444-555555555555");

        AdminOutcome<string> byName = await Admin.DeleteTopicsAsync(["a", "x"], cancellationToken: Bound);
        AdminOutcome<Guid> byId = await Admin.DeleteTopicsAsync([b, unknown], cancellationToken: Bound);

        Assert.That(byName.Succeeded, Is.EqualTo(new[] { "a" }));
        Assert.That(CodeOf(byName, "x"), Is.EqualTo(ErrorCode.UnknownTopicOrPartition));
        Assert.That(byId.Succeeded, Is.EqualTo(new[] { b }));
        Assert.That(CodeOf(byId, unknown), Is.EqualTo(ErrorCode.UnknownTopicId));
        Assert.That(Cluster.Topics, Is.Empty);
        Cluster.MaxVersion(ApiKey.DeleteTopics, 5);
        await using var old = new KafkaClient(Cluster.BootstrapServers);
        Assert.That(FailureOf(await old.CreateAdmin().DeleteTopicsAsync([b], cancellationToken: Bound), b), Is.TypeOf<UnsupportedVersionException>());
    }

    [Test]
    public async Task Topics_are_listed_by_name_with_their_ids()
    {
        Guid b = Cluster.CreateTopic("b");
        Guid a = Cluster.CreateTopic("a");

        Assert.That(await Admin.ListTopicsAsync(cancellationToken: Bound), Is.EqualTo(new[] { new TopicListing("a", a, false), new TopicListing("b", b, false) }));
        Assert.That(await Admin.ListTopicsAsync(new ListTopicsOptions { IncludeInternal = true }, Bound), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task A_description_comes_page_by_page_and_is_one_in_the_end()
    {
        Cluster.CreateTopic("a", partitions: 5);
        Cluster.CreateTopic("b", partitions: 1);
        Cluster.CreateTopic("c", partitions: 7, replicationFactor: 2);

        AdminResults<string, TopicDescription> described = await Admin.DescribeTopicsAsync(["c", "a", "nowhere", "b"], new DescribeTopicsOptions { PartitionsPerPage = 3 }, Bound);

        Assert.That(described.Values.OrderBy(topic => topic.Key, StringComparer.Ordinal).Select(topic => topic.Value.Partitions.Select(partition => partition.Partition)), Is.EqualTo(new[] { Enumerable.Range(0, 5), Enumerable.Range(0, 1), Enumerable.Range(0, 7) }));
        Assert.That(described["c"].Id, Is.EqualTo(Cluster.TopicId("c")));
        Assert.That(described["c"].Partitions[0].EligibleLeaderReplicas, Is.Empty);
        Assert.That(described["c"].AuthorizedOperations, Is.Null);
        Assert.That(CodeOf(described, "nowhere"), Is.EqualTo(ErrorCode.UnknownTopicOrPartition));
        Assert.That(Cluster.Received<DescribeTopicPartitionsRequest>().Select(request => request.Cursor?.TopicName), Is.EqualTo(new[] { null, "a", "c", "c", "c" }));
        Assert.That((await Admin.DescribeTopicsAsync(Array.Empty<string>(), cancellationToken: Bound)).Values, Is.Empty);
    }

    [Test]
    public async Task Brokers_without_pages_are_asked_with_metadata()
    {
        Cluster.HideApi(ApiKey.DescribeTopicPartitions);
        Guid id = Cluster.CreateTopic("a", partitions: 2);

        AdminResults<string, TopicDescription> described = await Admin.DescribeTopicsAsync(["a", "nowhere"], new DescribeTopicsOptions { IncludeAuthorizedOperations = true }, Bound);

        TopicDescription topic = described["a"];
        Assert.That((topic.Id, topic.Partitions.Count, topic.Partitions[1].LeaderEpoch), Is.EqualTo((id, 2, 0)));
        Assert.That(topic.Partitions[0].EligibleLeaderReplicas, Is.Null);
        Assert.That(topic.AuthorizedOperations, Does.Contain(AclOperation.AlterConfigs).And.Not.Contain(AclOperation.ClusterAction));
        Assert.That(CodeOf(described, "nowhere"), Is.EqualTo(ErrorCode.UnknownTopicOrPartition));
        Assert.That(Cluster.Topics, Is.EqualTo(new[] { "a" }), "nothing is created");
    }

    [Test]
    public async Task Topics_are_described_by_id()
    {
        Guid id = Cluster.CreateTopic("a", partitions: 2);
        var unknown = new Guid("11111111-2222-3333-4444-555555555555");

        AdminResults<Guid, TopicDescription> described = await Admin.DescribeTopicsAsync([id, unknown], cancellationToken: Bound);

        Assert.That((described[id].Name, described[id].Partitions.Count), Is.EqualTo(("a", 2)));
        Assert.That(CodeOf(described, unknown), Is.EqualTo(ErrorCode.UnknownTopicId));
    }

    [Test]
    public async Task The_rights_on_a_topic_are_told_if_asked_for()
    {
        Cluster.CreateTopic("a");

        TopicDescription topic = (await Admin.DescribeTopicsAsync(["a"], new DescribeTopicsOptions { IncludeAuthorizedOperations = true }, Bound))["a"];

        Assert.That(topic.AuthorizedOperations, Is.EquivalentTo(new[]
        {
            AclOperation.Read, AclOperation.Write, AclOperation.Create, AclOperation.Delete, AclOperation.Alter, AclOperation.Describe, AclOperation.DescribeConfigs, AclOperation.AlterConfigs,
        }));
    }

    [Test]
    public async Task A_replica_that_stopped_without_loss_is_eligible_to_lead()
    {
        Cluster.CreateTopic("a", replicationFactor: 2, configs: new Dictionary<string, string> { ["min.insync.replicas"] = "2" });
        int leader = Cluster.Leader("a", 0);
        await Cluster.StopBrokerAsync(leader);

        PartitionDescription partition = (await Admin.DescribeTopicsAsync(["a"], cancellationToken: Bound))["a"].Partitions[0];

        Assert.That(partition.Leader, Is.Not.Null.And.Not.EqualTo(leader));
        Assert.That(partition.EligibleLeaderReplicas, Is.EqualTo(new[] { leader }));
        Assert.That(partition.OfflineReplicas, Is.EqualTo(new[] { leader }));
        Assert.That(partition.InSyncReplicas, Is.EqualTo(new[] { partition.Leader }));
    }

    [Test]
    public async Task Partitions_are_added_where_wanted_or_only_validated()
    {
        Cluster.CreateTopic("a", partitions: 1, replicationFactor: 2);
        Cluster.CreateTopic("b", partitions: 2, replicationFactor: 2);
        var wanted = new Dictionary<string, NewPartitions>
        {
            ["a"] = new(3) { Assignments = [[2, 3], [3, 1]] },
            ["b"] = new(2),
            ["nowhere"] = new(2),
        };

        AdminOutcome<string> checkedOnly = await Admin.CreatePartitionsAsync(wanted, new AdminChangeOptions { ValidateOnly = true }, Bound);
        Assert.That(checkedOnly.Succeeded, Is.EqualTo(new[] { "a" }));
        Assert.That(Cluster.PartitionCount("a"), Is.EqualTo(1));

        AdminOutcome<string> grown = await Admin.CreatePartitionsAsync(wanted, cancellationToken: Bound);
        Assert.That(grown.Succeeded, Is.EqualTo(new[] { "a" }));
        Assert.That((Cluster.Leader("a", 1), Cluster.Leader("a", 2)), Is.EqualTo((2, 3)));
        Assert.That(FailureOf(grown, "b").Message, Does.Contain("Topic already has 2 partition(s)"));
        Assert.That(CodeOf(grown, "b"), Is.EqualTo(ErrorCode.InvalidPartitions));
        Assert.That(CodeOf(grown, "nowhere"), Is.EqualTo(ErrorCode.UnknownTopicOrPartition));

        AdminOutcome<string> narrow = await Admin.CreatePartitionsAsync(new Dictionary<string, NewPartitions> { ["a"] = new(4) { Assignments = [[1]] }, ["b"] = new(3) { Assignments = [[1, 9]] } }, cancellationToken: Bound);
        Assert.That(CodeOf(narrow, "a"), Is.EqualTo(ErrorCode.InvalidReplicaAssignment));
        Assert.That(FailureOf(narrow, "b").Message, Does.Contain("broker 9, but no such broker is registered"));
    }

    [Test]
    public async Task Records_are_deleted_up_to_an_offset_and_the_new_start_is_told()
    {
        Cluster.CreateTopic("a", partitions: 2);
        Cluster.CreateTopic("kept", configs: new Dictionary<string, string> { ["cleanup.policy"] = "compact" });
        await ProduceAsync("a", ("k", "1"), ("k", "2"), ("k", "3"));
        int used = Enumerable.Range(0, 2).Single(partition => Cluster.EndOffset("a", partition) == 3);
        TopicPartition full = new("a", used);
        TopicPartition empty = new("a", 1 - used);
        TopicPartition missing = new("a", 7);
        TopicPartition nowhere = new("nowhere", 0);
        TopicPartition kept = new("kept", 0);

        AdminResults<TopicPartition, long> deleted = await Admin.DeleteRecordsAsync(new Dictionary<TopicPartition, long> { [full] = 2, [empty] = 5, [missing] = 0, [nowhere] = 0, [kept] = 0 }, cancellationToken: Bound);

        Assert.That(deleted[full], Is.EqualTo(2));
        Assert.That(Stored("a", used), Is.EqualTo(new[] { "2:k=3" }));
        Assert.That(CodeOf(deleted, empty), Is.EqualTo(ErrorCode.OffsetOutOfRange));
        Assert.That(FailureOf(deleted, missing), Is.TypeOf<UnknownPartitionException>());
        Assert.That(FailureOf(deleted, nowhere), Is.TypeOf<UnknownTopicException>());
        Assert.That(CodeOf(deleted, kept), Is.EqualTo(ErrorCode.PolicyViolation));
        Assert.That((await Admin.DeleteRecordsAsync(new Dictionary<TopicPartition, long> { [full] = -1 }, cancellationToken: Bound))[full], Is.EqualTo(3));
    }

    [Test]
    public async Task Records_are_deleted_at_the_leader_that_there_is_now()
    {
        Cluster.CreateTopic("a");
        await ProduceAsync("a", ("k", "1"));
        TopicPartition partition = new("a", 0);
        Cluster.MoveLeader("a", 0, Cluster.BrokerIds.First(id => id != Cluster.Leader("a", 0)));

        Assert.That((await Admin.DeleteRecordsAsync(new Dictionary<TopicPartition, long> { [partition] = 1 }, cancellationToken: Bound))[partition], Is.EqualTo(1));
    }

    [Test]
    public void A_call_ends_with_its_own_time_out_or_its_callers_token()
    {
        using Testing.RequestHold hold = Cluster.Hold(ApiKey.CreateTopics);
        var options = new AdminChangeOptions { Timeout = TimeSpan.FromMilliseconds(200) };

        Assert.That(async () => (await Admin.CreateTopicsAsync([new NewTopic("orders")], options, Bound)).ThrowIfAnyFailed(), Throws.TypeOf<OperationTimeoutException>());
        using var cancelled = new CancellationTokenSource();
        Task<CreatedTopic> call = Admin.CreateTopicAsync(new NewTopic("orders"), cancelled.Token);
        cancelled.Cancel();
        Assert.That(async () => await call, Throws.InstanceOf<OperationCanceledException>());
    }
}
