using Milena.Kafka.Protocol;
using Milena.Kafka.Tests.Interop;

namespace Milena.Kafka.Tests.EndToEnd;

/// <summary>Administration on every kind of cluster that has it, read back by kcat and by the scripts of the distribution where they are.</summary>
[TestFixture(ClusterKind.Embedded)]
[TestFixture(ClusterKind.Outside)]
[TestFixture(ClusterKind.Home)]
[CancelAfter(120_000)]
public class AdminTests(ClusterKind kind) : EndToEndTest(kind)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private AdminClient Admin => Kafka.CreateAdmin();

    [Test]
    public async Task A_topic_is_created_grown_described_and_deleted(CancellationToken cancellationToken)
    {
        string topic = NewName();
        CreatedTopic created = await Admin.CreateTopicAsync(
            new NewTopic(topic) { Partitions = 2, ReplicationFactor = 1, Configs = new Dictionary<string, string> { ["retention.ms"] = "3600000" } }, cancellationToken);
        Assert.That((created.Partitions, created.ReplicationFactor), Is.EqualTo((2, (short)1)));

        (await Admin.CreatePartitionsAsync(new Dictionary<string, NewPartitions> { [topic] = new(3) }, cancellationToken: cancellationToken)).ThrowIfAnyFailed();
        AdminResults<string, TopicDescription> described = await UntilAsync(
            () => Admin.DescribeTopicsAsync([topic, "no-such-topic"], new DescribeTopicsOptions { IncludeAuthorizedOperations = true, PartitionsPerPage = 2 }, cancellationToken),
            found => found.Values.TryGetValue(topic, out TopicDescription? value) && value.Partitions.Count == 3 && value.Partitions.All(partition => partition.Leader is not null),
            cancellationToken);

        Assert.That(described[topic].Partitions.Select(partition => partition.Partition), Is.EqualTo(new[] { 0, 1, 2 }));
        Assert.That(described[topic].Id, Is.EqualTo(created.Id));
        Assert.That(described[topic].AuthorizedOperations, Does.Contain(AclOperation.Delete));
        Assert.That(described.Failures["no-such-topic"].Code, Is.EqualTo(ErrorCode.UnknownTopicOrPartition));
        Assert.That((await Admin.ListTopicsAsync(cancellationToken: cancellationToken)).Select(listing => listing.Name), Does.Contain(topic));
        await ReadBackAsync(topic, $"topic \"{topic}\" with 3 partitions", ["kafka.admin.TopicCommand", "org.apache.kafka.tools.TopicCommand"], ["--describe", "--topic", topic], "PartitionCount: 3", cancellationToken);

        Assert.That(
            (await Admin.CreateTopicsAsync([new NewTopic(topic)], cancellationToken: cancellationToken)).Failures[topic].Code,
            Is.EqualTo(ErrorCode.TopicAlreadyExists));
        (await Admin.DeleteTopicsAsync([described[topic].Id], cancellationToken: cancellationToken)).ThrowIfAnyFailed();
        await UntilAsync(() => Admin.ListTopicsAsync(cancellationToken: cancellationToken), listed => listed.All(listing => listing.Name != topic), cancellationToken);
    }

    [Test]
    public async Task A_call_that_only_validates_leaves_nothing_behind(CancellationToken cancellationToken)
    {
        string topic = NewName();
        var check = new AdminChangeOptions { ValidateOnly = true };

        AdminResults<string, CreatedTopic> good = await Admin.CreateTopicsAsync([new NewTopic(topic) { Partitions = 1, ReplicationFactor = 1 }], check, cancellationToken);
        AdminResults<string, CreatedTopic> bad = await Admin.CreateTopicsAsync([new NewTopic(topic) { Partitions = 1, ReplicationFactor = 999 }], check, cancellationToken);

        Assert.That(good.Failures, Is.Empty);
        Assert.That(bad.Failures[topic].Code, Is.EqualTo(ErrorCode.InvalidReplicationFactor));
        Assert.That((await Admin.ListTopicsAsync(cancellationToken: cancellationToken)).Select(listing => listing.Name), Does.Not.Contain(topic));
    }

    [Test]
    public async Task Settings_of_a_topic_and_of_a_broker_are_changed_and_told(CancellationToken cancellationToken)
    {
        ConfigResource topic = ConfigResource.Topic(await Cluster.CreateTopicAsync(Kafka, partitions: 1, cancellationToken));
        var changes = new Dictionary<ConfigResource, IReadOnlyCollection<ConfigChange>>
        {
            [topic] = [ConfigChange.Set("retention.ms", "7200000"), ConfigChange.Set("cleanup.policy", "delete")],
            [ConfigResource.Topic("no-such-topic")] = [ConfigChange.Set("retention.ms", "1")],
        };

        AdminOutcome<ConfigResource> altered = await Admin.AlterConfigsAsync(changes, cancellationToken: cancellationToken);
        Assert.That(altered.Succeeded, Is.EqualTo(new[] { topic }));
        Assert.That(altered.Failures.Single().Value.Code, Is.EqualTo(ErrorCode.UnknownTopicOrPartition));
        changes = new Dictionary<ConfigResource, IReadOnlyCollection<ConfigChange>> { [topic] = [ConfigChange.Append("cleanup.policy", "compact")] };
        (await Admin.AlterConfigsAsync(changes, cancellationToken: cancellationToken)).ThrowIfAnyFailed();
        IReadOnlyDictionary<string, ConfigEntry> configs = (await UntilAsync(
            () => Admin.DescribeConfigsAsync([topic], new DescribeConfigsOptions { IncludeSynonyms = true, IncludeDocumentation = true }, cancellationToken),
            found => found.Values.TryGetValue(topic, out IReadOnlyDictionary<string, ConfigEntry>? value) && value["cleanup.policy"].Value == "delete,compact",
            cancellationToken))[topic];

        Assert.That((configs["retention.ms"].Source, configs["retention.ms"].Type), Is.EqualTo((ConfigSource.DynamicTopic, ConfigType.Long)));
        Assert.That(configs["retention.ms"].Documentation, Is.Not.Empty);
        Assert.That(configs["retention.ms"].Value, Is.EqualTo("7200000"));
        await ReadBackAsync(topic.Name, $"topic \"{topic.Name}\"", ["kafka.admin.ConfigCommand", "org.apache.kafka.tools.ConfigCommand"], ["--describe", "--entity-type", "topics", "--entity-name", topic.Name], "retention.ms=7200000", cancellationToken);
        ConfigResource broker = ConfigResource.Broker((await Admin.DescribeClusterAsync(cancellationToken: cancellationToken)).Brokers[0].Id);
        IReadOnlyDictionary<string, ConfigEntry> ofBroker = (await Admin.DescribeConfigsAsync([broker], cancellationToken: cancellationToken))[broker];
        Assert.That(ofBroker, Is.Not.Empty);
        if (Kind == ClusterKind.Outside)
        {
            // Compatible services may take any value, know no synonyms, and have other settings of brokers.
            return;
        }

        Assert.That(ofBroker["log.dirs"], Has.Property("IsReadOnly").True);
        Assert.That(configs["max.message.bytes"].Synonyms.Select(synonym => synonym.Name), Does.Contain("message.max.bytes"));
        AdminOutcome<ConfigResource> wrong = await Admin.AlterConfigsAsync(new Dictionary<ConfigResource, IReadOnlyCollection<ConfigChange>> { [topic] = [ConfigChange.Set("retention.ms", "soon")] }, cancellationToken: cancellationToken);
        Assert.That(wrong.Failures[topic].Message, Does.Contain("Not a number of type LONG"));
    }

    [Test]
    public async Task Records_are_deleted_and_offsets_found(CancellationToken cancellationToken)
    {
        TopicPartition partition = new(await Cluster.CreateTopicAsync(Kafka, partitions: 1, cancellationToken), 0);
        await using Producer<string, string> producer = Kafka.CreateProducer<string, string>();
        DateTimeOffset first = DateTimeOffset.FromUnixTimeMilliseconds(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()).AddMinutes(-10);
        for (int i = 0; i < 5; i++)
        {
            await producer.ProduceAsync(new ProducerRecord<string, string>(partition.Topic, "k", $"{i}") { Timestamp = first.AddMinutes(i) }, cancellationToken);
        }

        Assert.That(await FindAsync(OffsetSpec.AtTime(first.AddMinutes(2)), cancellationToken), Is.EqualTo((2L, (DateTimeOffset?)first.AddMinutes(2))));
        Assert.That(await FindAsync(OffsetSpec.MaxTimestamp, cancellationToken), Is.EqualTo((4L, (DateTimeOffset?)first.AddMinutes(4))));
        Assert.That((await Admin.DeleteRecordsAsync(new Dictionary<TopicPartition, long> { [partition] = 3 }, cancellationToken: cancellationToken))[partition], Is.EqualTo(3));
        Assert.That((await FindAsync(OffsetSpec.Earliest, cancellationToken)).Offset, Is.EqualTo(3));
        Assert.That((await FindAsync(OffsetSpec.Latest, cancellationToken)).Offset, Is.EqualTo(5));
        Assert.That((await Admin.DeleteRecordsAsync(new Dictionary<TopicPartition, long> { [partition] = 9 }, cancellationToken: cancellationToken)).Failures[partition].Code, Is.EqualTo(ErrorCode.OffsetOutOfRange));

        async Task<(long? Offset, DateTimeOffset? Timestamp)> FindAsync(OffsetSpec spec, CancellationToken token)
        {
            ListedOffset found = (await Admin.ListOffsetsAsync(new Dictionary<TopicPartition, OffsetSpec> { [partition] = spec }, cancellationToken: token))[partition];
            return (found.Offset, found.Timestamp);
        }
    }

    [Test]
    public async Task The_cluster_its_features_and_its_log_directories_are_described(CancellationToken cancellationToken)
    {
        string topic = await Cluster.CreateTopicAsync(Kafka, partitions: 1, cancellationToken);
        await using Producer<string, string> producer = Kafka.CreateProducer<string, string>();
        await producer.ProduceAsync(topic, "k", new string('x', 1000), cancellationToken);

        ClusterDescription cluster = await Admin.DescribeClusterAsync(new DescribeClusterOptions { IncludeAuthorizedOperations = true }, cancellationToken);
        TopicDescription described = (await Admin.DescribeTopicsAsync([topic], cancellationToken: cancellationToken))[topic];
        int holder = described.Partitions[0].Replicas[0];
        AdminResults<int, IReadOnlyDictionary<string, LogDirDescription>> dirs = await Admin.DescribeLogDirsAsync(cluster.Brokers.Select(broker => broker.Id), cancellationToken: cancellationToken);
        var replica = new TopicPartitionReplica(topic, 0, holder);

        Assert.That(cluster.ClusterId, Is.Not.Empty);
        Assert.That(cluster.AuthorizedOperations, Does.Contain(AclOperation.Create));
        Assert.That(dirs.Failures, Is.Empty);
        Assert.That(dirs[holder].Values.SelectMany(dir => dir.Replicas).Single(entry => entry.Key.Topic == topic).Value.Size, Is.GreaterThan(1000));
        Assert.That((await Admin.DescribeReplicaLogDirsAsync([replica], cancellationToken: cancellationToken))[replica].Current, Is.Not.Null);
        Assert.That(await Admin.ListPartitionReassignmentsAsync(cancellationToken: cancellationToken), Is.Empty);
        if (Kind != ClusterKind.Outside)
        {
            // Compatible services may have neither features nor a quorum.
            Assert.That((await Admin.DescribeFeaturesAsync(cancellationToken: cancellationToken)).Finalized.Keys, Does.Contain("metadata.version"));
            QuorumDescription quorum = await Admin.DescribeMetadataQuorumAsync(cancellationToken: cancellationToken);
            Assert.That(quorum.Voters.Select(voter => voter.Id), Does.Contain(quorum.LeaderId));
        }
    }

    [Test]
    public async Task A_partition_moves_to_another_broker_and_its_preferred_leader_is_elected(CancellationToken cancellationToken)
    {
        int[] brokers = [.. (await Admin.DescribeClusterAsync(cancellationToken: cancellationToken)).Brokers.Select(broker => broker.Id)];
        if (brokers.Length < 2)
        {
            Assert.Ignore("A partition cannot move on a cluster of one broker.");
        }

        string topic = NewName();
        TopicPartition partition = new(topic, 0);
        (await Admin.CreateTopicsAsync([new NewTopic(topic) { Assignments = [[brokers[0], brokers[1]]] }], cancellationToken: cancellationToken)).ThrowIfAnyFailed();
        (await Admin.AlterPartitionReassignmentsAsync(new Dictionary<TopicPartition, IReadOnlyList<int>?> { [partition] = [brokers[1], brokers[0]] }, cancellationToken: cancellationToken)).ThrowIfAnyFailed();
        await UntilAsync(() => Admin.ListPartitionReassignmentsAsync([partition], cancellationToken: cancellationToken), moves => moves.Count == 0, cancellationToken);

        AdminOutcome<TopicPartition> elected = await Admin.ElectLeadersAsync(ElectionType.Preferred, [partition], cancellationToken: cancellationToken);

        // A real cluster may have balanced its leaders by itself meanwhile.
        Assert.That(elected.Failures.Values.Select(failure => failure.Code), Is.All.EqualTo(ErrorCode.ElectionNotNeeded));
        if (Kind == ClusterKind.Outside)
        {
            // Compatible services may place leaders as they like.
            return;
        }

        await UntilAsync(
            () => Admin.DescribeTopicsAsync([topic], cancellationToken: cancellationToken),
            described => described.Values.TryGetValue(topic, out TopicDescription? value) && value.Partitions[0].Leader == brokers[1] && value.Partitions[0].Replicas[0] == brokers[1],
            cancellationToken);
    }

    private static string NewName() => $"admin-{Guid.NewGuid():N}";

    /// <summary>Brokers hear of changes one after the other: asks until the answer is what it must become. The test's own bound ends it.</summary>
    private static async Task<TResult> UntilAsync<TResult>(Func<Task<TResult>> ask, Func<TResult, bool> isSo, CancellationToken cancellationToken)
    {
        while (true)
        {
            TResult result = await ask();
            if (isSo(result))
            {
                return result;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), cancellationToken);
        }
    }

    private async Task ReadBackAsync(string topic, string kcatWords, string[] classes, string[] arguments, string scriptWords, CancellationToken cancellationToken)
    {
        if (Kcat.IsAvailable(out _))
        {
            // Each broker hears of the change in its own time, and kcat asks any.
            await UntilAsync(
                () => Kcat.RunAsync("", Limit, cancellationToken, "-b", Cluster.BootstrapServers, "-L", "-t", topic),
                listed => listed.EnsureSuccess().Text.Contains(kcatWords, StringComparison.Ordinal),
                cancellationToken);
        }

        if (Kind == ClusterKind.Home)
        {
            await UntilAsync(
                () => KafkaHome.RunToolAsync(classes, ["--bootstrap-server", Cluster.BootstrapServers, .. arguments], Limit, cancellationToken),
                told => told.EnsureSuccess().Text.Contains(scriptWords, StringComparison.Ordinal),
                cancellationToken);
        }
    }
}
