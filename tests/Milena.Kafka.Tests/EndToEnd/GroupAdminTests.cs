using Milena.Kafka.Protocol;
using Milena.Kafka.Tests.Interop;

namespace Milena.Kafka.Tests.EndToEnd;

/// <summary>Groups, rules, quotas, users and transactions on every kind of cluster that has them, read back by the scripts of the distribution where they are.</summary>
[TestFixture(ClusterKind.Embedded)]
[TestFixture(ClusterKind.Outside)]
[TestFixture(ClusterKind.Home)]
[CancelAfter(180_000)]
public class GroupAdminTests(ClusterKind kind) : EndToEndTest(kind)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private AdminClient Admin => Kafka.CreateAdmin();

    [Test]
    public async Task Offsets_are_stored_listed_reset_and_deleted(CancellationToken cancellationToken)
    {
        string group = NewName();
        string topic = await FilledTopicAsync(10, cancellationToken);
        var partition = new TopicPartition(topic, 0);

        (await Admin.AlterGroupOffsetsAsync(group, [new PartitionOffset(partition, 7)], cancellationToken: cancellationToken)).ThrowIfAnyFailed();
        AdminResults<TopicPartition, OffsetResetStep> plan = await Admin.ResetGroupOffsetsAsync(
            group, OffsetReset.By(-100), new ResetGroupOffsetsOptions { DryRun = true }, cancellationToken);
        AdminResults<TopicPartition, OffsetResetStep> done = await Admin.ResetGroupOffsetsAsync(group, OffsetReset.By(-3), cancellationToken: cancellationToken);
        AdminResults<TopicPartition, PartitionOffset?> listed = await Admin.ListGroupOffsetsAsync(group, cancellationToken: cancellationToken);
        AdminListing<GroupListing> groups = await Admin.ListGroupsAsync(cancellationToken: cancellationToken);

        Assert.That(plan[partition], Is.EqualTo(new OffsetResetStep(7, 0, 0, 10, IsClamped: true)));
        Assert.That(done[partition].After, Is.EqualTo(4));
        Assert.That(listed[partition]!.Offset, Is.EqualTo(4));
        Assert.That(groups.Items.Select(g => g.GroupId), Does.Contain(group));
        await ReadBackAsync(
            ["kafka.admin.ConsumerGroupCommand", "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand"],
            ["--describe", "--offsets", "--group", group],
            lines => lines.Any(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var g, var t, "0", "4", "10", "6", ..] && g == group && t == topic),
            cancellationToken);

        (await Admin.DeleteGroupOffsetsAsync(group, [partition], cancellationToken: cancellationToken)).ThrowIfAnyFailed();
        Assert.That((await Admin.ListGroupOffsetsAsync(group, [partition], cancellationToken: cancellationToken))[partition], Is.Null);
        await Admin.DeleteGroupsAsync([group], cancellationToken: cancellationToken);
        Assert.That((await Admin.DescribeConsumerGroupsAsync([group], cancellationToken: cancellationToken)).Failures[group].Code, Is.EqualTo(ErrorCode.GroupIdNotFound));
    }

    [TestCase(GroupProtocol.Classic)]
    [TestCase(GroupProtocol.Auto)]
    public async Task A_group_with_a_member_is_described_and_cannot_be_deleted(GroupProtocol protocol, CancellationToken cancellationToken)
    {
        string group = NewName();
        string topic = await FilledTopicAsync(3, cancellationToken);
        await using (Consumer<string, string> consumer = Kafka.CreateConsumer<string, string>(
            new ConsumerOptions { GroupId = group, Topics = { topic }, GroupProtocol = protocol, AutoOffsetReset = StartPosition.Beginning }))
        {
            await using IAsyncEnumerator<ConsumeResult<string, string>> reading = consumer.ConsumeAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
            Assert.That(await reading.MoveNextAsync());

            ConsumerGroupDescription described = (await Admin.DescribeConsumerGroupsAsync(
                [group], new DescribeGroupsOptions { IncludeAuthorizedOperations = true }, cancellationToken))[group];
            AdminOutcome<string> deleted = await Admin.DeleteGroupsAsync([group], cancellationToken: cancellationToken);
            AdminOutcome<TopicPartition> altered = await Admin.AlterGroupOffsetsAsync(group, [new PartitionOffset(new(topic, 0), 0)], cancellationToken: cancellationToken);

            Assert.That(described.Members.Single().Assignment, Is.EqualTo(new[] { new TopicPartition(topic, 0) }));
            Assert.That(described.AuthorizedOperations, Does.Contain(AclOperation.Delete));
            Assert.That(deleted.Failures[group].Code, Is.EqualTo(ErrorCode.NonEmptyGroup));
            Assert.That(altered.Failures, Is.Not.Empty);
            Assert.That(
                () => Admin.ResetGroupOffsetsAsync(group, OffsetReset.ToEarliest, cancellationToken: cancellationToken),
                Throws.InstanceOf<KafkaException>().With.Property("Code").EqualTo(ErrorCode.NonEmptyGroup));
        }
    }

    [Test]
    public async Task Quotas_are_set_and_removed(CancellationToken cancellationToken)
    {
        ClientQuotaEntity entity = ClientQuotaEntity.UserAndClientId(NewName(), null);
        var filter = new ClientQuotaFilter { Components = [ClientQuotaFilterComponent.Named(ClientQuotaEntity.UserType, entity.Parts[ClientQuotaEntity.UserType]!)] };

        (await Admin.AlterClientQuotasAsync([new ClientQuotaAlteration(entity, new Dictionary<string, double?> { [ClientQuotaKeys.ProducerByteRate] = 1_000_000 })], cancellationToken: cancellationToken)).ThrowIfAnyFailed();
        await UntilAsync(async () => (await Admin.DescribeClientQuotasAsync(filter, cancellationToken: cancellationToken)).TryGetValue(entity, out IReadOnlyDictionary<string, double>? set) && set[ClientQuotaKeys.ProducerByteRate] == 1_000_000, cancellationToken);
        await ReadBackAsync(
            ["kafka.admin.ConfigCommand", "org.apache.kafka.tools.ConfigCommand"],
            ["--describe", "--entity-type", "users", "--entity-name", entity.Parts[ClientQuotaEntity.UserType]!, "--entity-type", "clients", "--entity-default"],
            lines => lines.Any(line => line.Contains("producer_byte_rate=1000000", StringComparison.Ordinal)),
            cancellationToken);
        (await Admin.AlterClientQuotasAsync([new ClientQuotaAlteration(entity, new Dictionary<string, double?> { [ClientQuotaKeys.ProducerByteRate] = null })], cancellationToken: cancellationToken)).ThrowIfAnyFailed();

        await UntilAsync(async () => (await Admin.DescribeClientQuotasAsync(filter, cancellationToken: cancellationToken)).Count == 0, cancellationToken);
    }

    [Test]
    public async Task Users_are_made_and_removed(CancellationToken cancellationToken)
    {
        string user = NewName();

        (await Admin.AlterScramUsersAsync([ScramCredentialChange.Set(user, ScramMechanism.ScramSha512, "secret-1", 8192)], cancellationToken: cancellationToken)).ThrowIfAnyFailed();
        await UntilAsync(async () => (await Admin.DescribeScramUsersAsync([user], cancellationToken: cancellationToken)).Values.TryGetValue(user, out IReadOnlyList<ScramCredentialDescription>? known)
            && known.SequenceEqual([new ScramCredentialDescription(ScramMechanism.ScramSha512, 8192)]), cancellationToken);
        await ReadBackAsync(
            ["kafka.admin.ConfigCommand", "org.apache.kafka.tools.ConfigCommand"],
            ["--describe", "--entity-type", "users", "--entity-name", user],
            lines => lines.Any(line => line.Contains("SCRAM-SHA-512=iterations=8192", StringComparison.Ordinal)),
            cancellationToken);
        (await Admin.AlterScramUsersAsync([ScramCredentialChange.Delete(user, ScramMechanism.ScramSha512)], cancellationToken: cancellationToken)).ThrowIfAnyFailed();

        await UntilAsync(
            async () => (await Admin.DescribeScramUsersAsync([user], cancellationToken: cancellationToken)).Failures.TryGetValue(user, out KafkaException? gone) && gone.Code == ErrorCode.ResourceNotFound,
            cancellationToken);
    }

    [Test]
    public async Task Rules_are_made_and_removed_or_refused_without_an_authorizer(CancellationToken cancellationToken)
    {
        var rule = new AclBinding(ResourceType.Topic, NewName(), "User:alice", AclOperation.Read, Pattern: PatternType.Prefixed);

        AdminOutcome<AclBinding> created = await Admin.CreateAclsAsync([rule], cancellationToken: cancellationToken);
        if (created.Failures.TryGetValue(rule, out KafkaException? refusal))
        {
            Assert.That(refusal.Code, Is.EqualTo(ErrorCode.SecurityDisabled));
            return;
        }

        await UntilAsync(async () => (await Admin.DescribeAclsAsync(AclFilter.Of(rule), cancellationToken: cancellationToken)).SequenceEqual([rule]), cancellationToken);
        await ReadBackAsync(
            ["kafka.admin.AclCommand", "org.apache.kafka.tools.AclCommand"],
            ["--list", "--topic", rule.Name, "--resource-pattern-type", "prefixed"],
            lines => lines.Any(line => line.Contains("User:alice", StringComparison.Ordinal)),
            cancellationToken);
        AdminResults<AclFilter, AdminOutcome<AclBinding>> removed = await Admin.DeleteAclsAsync([AclFilter.Of(rule)], cancellationToken: cancellationToken);
        Assert.That(removed[AclFilter.Of(rule)].Succeeded, Is.EqualTo(new[] { rule }));
    }

    [Test]
    public async Task A_transaction_is_listed_described_and_fenced(CancellationToken cancellationToken)
    {
        string id = NewName();
        string topic = await Cluster.CreateTopicAsync(Kafka, partitions: 1, cancellationToken);
        await using Producer<string, string> producer = Kafka.CreateProducer<string, string>(new ProducerOptions { TransactionalId = id });
        await using ProducerTransaction<string, string> open = await producer.BeginTransactionAsync(cancellationToken);
        await open.ProduceAsync(topic, "k", "v", cancellationToken);
        var partition = new TopicPartition(topic, 0);

        AdminListing<TransactionListing> listed = await Admin.ListTransactionsAsync(new ListTransactionsOptions { States = [TransactionState.Ongoing] }, cancellationToken);
        TransactionDescription described = (await Admin.DescribeTransactionsAsync([id], cancellationToken: cancellationToken))[id];
        ProducerState state = (await Admin.DescribeProducersAsync([partition], cancellationToken: cancellationToken))[partition].Single();
        FencedProducer fenced = (await Admin.FenceProducersAsync([id], cancellationToken: cancellationToken))[id];

        Assert.That(listed.Items.Select(t => t.TransactionalId), Does.Contain(id));
        Assert.That((described.State, described.Partitions.Single()), Is.EqualTo((TransactionState.Ongoing, partition)));
        Assert.That((state.ProducerId, state.TransactionStartOffset), Is.EqualTo((described.ProducerId, (long?)0)));
        Assert.That((fenced.ProducerId, fenced.ProducerEpoch), Is.GreaterThan((described.ProducerId, described.ProducerEpoch)).Using<(long, short)>(Comparer<(long, short)>.Default));
        Assert.That(async () => await open.CommitAsync(cancellationToken), Throws.InstanceOf<KafkaException>());
        await UntilAsync(async () => (await Admin.DescribeProducersAsync([partition], cancellationToken: cancellationToken))[partition].All(p => p.TransactionStartOffset is null), cancellationToken);
    }

    private static string NewName() => $"admin-{Guid.NewGuid():N}";

    /// <summary>Brokers hear of changes one after the other: asks until it is so. The test's own bound ends it.</summary>
    private static async Task UntilAsync(Func<Task<bool>> isSo, CancellationToken cancellationToken)
    {
        while (!await isSo())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), cancellationToken);
        }
    }

    /// <summary>Lets a tool of the distribution tell what it sees, where there is one.</summary>
    private async Task ReadBackAsync(IEnumerable<string> classes, IReadOnlyList<string> arguments, Func<IReadOnlyList<string>, bool> isSo, CancellationToken cancellationToken)
    {
        if (!KafkaHome.IsAvailable(out _))
        {
            return;
        }

        ProcessResult told = await KafkaHome.RunToolAsync(classes, ["--bootstrap-server", Cluster.BootstrapServers, .. arguments], Limit, cancellationToken);
        Assert.That(isSo(told.Lines), $"{string.Join('\n', told.Lines)}\n{told.Errors}");
    }

    private async Task<string> FilledTopicAsync(int records, CancellationToken cancellationToken)
    {
        string topic = await Cluster.CreateTopicAsync(Kafka, partitions: 1, cancellationToken);
        await using Producer<string, string> producer = Kafka.CreateProducer<string, string>();
        for (int i = 0; i < records; i++)
        {
            await producer.ProduceAsync(topic, "k", $"v{i}", cancellationToken);
        }

        return topic;
    }
}
