using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing;

namespace Milena.Kafka.Tests.Admin;

/// <summary>Rules as an administrator makes, finds and removes them, against the embedded cluster, which goes by them.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public class AclTests : AccessTest
{
    private static readonly AclBinding Read = new(ResourceType.Topic, "orders", Alice, AclOperation.Read);
    private static readonly AclBinding Prefixed = new(ResourceType.Topic, "ord", Alice, AclOperation.Write, Pattern: PatternType.Prefixed);
    private static readonly AclBinding Denied = new(ResourceType.Group, "*", "User:bob", AclOperation.All, AclPermissionType.Deny, Host: "10.0.0.1");

    [TestCase((short)3)]
    [TestCase((short)1)]
    public async Task Rules_are_made_found_and_removed(short version, CancellationToken cancellationToken)
    {
        Cluster.MaxVersion(ApiKey.CreateAcls, version);
        Cluster.MaxVersion(ApiKey.DescribeAcls, version);
        Cluster.MaxVersion(ApiKey.DeleteAcls, version);

        AdminOutcome<AclBinding> created = await Admin.CreateAclsAsync([Read, Prefixed, Denied], cancellationToken: cancellationToken);
        IReadOnlyList<AclBinding> all = await Admin.DescribeAclsAsync(cancellationToken: cancellationToken);
        IReadOnlyList<AclBinding> applying = await Admin.DescribeAclsAsync(
            new AclFilter { Resource = ResourceType.Topic, Name = "orders", Pattern = PatternType.Match }, cancellationToken: cancellationToken);
        AdminResults<AclFilter, AdminOutcome<AclBinding>> removed = await Admin.DeleteAclsAsync(
            [AclFilter.Of(Denied), new AclFilter { Principal = Alice, Operation = AclOperation.Write }, new AclFilter { Name = "nothing" }], cancellationToken: cancellationToken);

        Assert.That(created.Succeeded, Is.EquivalentTo(new[] { Read, Prefixed, Denied }));
        Assert.That(all, Is.EquivalentTo(new[] { Read, Prefixed, Denied }));
        Assert.That(applying, Is.EquivalentTo(new[] { Read, Prefixed }));
        Assert.That(removed[AclFilter.Of(Denied)].Succeeded, Is.EqualTo(new[] { Denied }));
        Assert.That(removed.Values.Values.Select(r => r.Succeeded.Count), Is.EqualTo(new[] { 1, 1, 0 }));
        Assert.That(await Admin.DescribeAclsAsync(cancellationToken: cancellationToken), Is.EqualTo(new[] { Read }));
    }

    [Test]
    public async Task A_rule_is_obeyed_at_once(CancellationToken cancellationToken)
    {
        AdminClient alice = AdminOfAlice();
        Assert.That(() => alice.DescribeAclsAsync(cancellationToken: cancellationToken), Throws.TypeOf<AuthorizationException>().With.Property("Code").EqualTo(ErrorCode.ClusterAuthorizationFailed));

        (await Admin.CreateAclsAsync([new AclBinding(ResourceType.Cluster, "kafka-cluster", Alice, AclOperation.Describe)], cancellationToken: cancellationToken)).ThrowIfAnyFailed();

        Assert.That(await alice.DescribeAclsAsync(cancellationToken: cancellationToken), Has.Count.EqualTo(1));
        AdminOutcome<AclBinding> denied = await alice.CreateAclsAsync([Read], cancellationToken: cancellationToken);
        Assert.That(denied.Failures[Read], Is.TypeOf<AuthorizationException>());
        AdminResults<AclFilter, AdminOutcome<AclBinding>> kept = await alice.DeleteAclsAsync([new AclFilter()], cancellationToken: cancellationToken);
        Assert.That(kept.Failures.Values.Single(), Is.TypeOf<AuthorizationException>());
    }

    [Test]
    public async Task A_rule_that_is_none_does_not_keep_the_others_back(CancellationToken cancellationToken)
    {
        AclBinding nameless = Read with { Principal = "alice" };

        AdminOutcome<AclBinding> outcome = await Admin.CreateAclsAsync([nameless, Read, Read with { Operation = AclOperation.Any }], cancellationToken: cancellationToken);

        Assert.That(outcome.Succeeded, Is.EqualTo(new[] { Read }));
        Assert.That(outcome.Failures[nameless], Has.Property("Code").EqualTo(ErrorCode.InvalidRequest).And.Message.Contains("type:name"));
        Assert.That(outcome.Failures, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task What_version_0_cannot_say_fails_alone(CancellationToken cancellationToken)
    {
        Cluster.MaxVersion(ApiKey.CreateAcls, 0);
        Cluster.MaxVersion(ApiKey.DescribeAcls, 0);

        AdminOutcome<AclBinding> outcome = await Admin.CreateAclsAsync([Read, Prefixed], cancellationToken: cancellationToken);

        Assert.That(outcome.Succeeded, Is.EqualTo(new[] { Read }));
        Assert.That(outcome.Failures[Prefixed], Is.TypeOf<UnsupportedVersionException>());
        Assert.That(await Admin.DescribeAclsAsync(cancellationToken: cancellationToken), Is.EqualTo(new[] { Read }), "any pattern, of which there is one");
        Assert.That(
            () => Admin.DescribeAclsAsync(new AclFilter { Pattern = PatternType.Prefixed }, cancellationToken: cancellationToken), Throws.TypeOf<UnsupportedVersionException>());
    }

    [Test]
    public async Task A_cluster_without_an_authorizer_says_so(CancellationToken cancellationToken)
    {
        await using TestCluster open = await TestCluster.StartAsync(cancellationToken: cancellationToken);
        await using var kafka = new KafkaClient(open.BootstrapServers);

        Assert.That(
            () => kafka.CreateAdmin().DescribeAclsAsync(cancellationToken: cancellationToken),
            Throws.TypeOf<KafkaException>().With.Property("Code").EqualTo(ErrorCode.SecurityDisabled));
    }

    [Test]
    public async Task Groups_and_transactions_that_a_client_may_not_describe_are_not_listed(CancellationToken cancellationToken)
    {
        Cluster.CreateTopic("orders");
        await Admin.AlterGroupOffsetsAsync("hidden", [new PartitionOffset(new("orders", 0), 0)], cancellationToken: cancellationToken);
        await Admin.FenceProducersAsync(["secret"], cancellationToken: cancellationToken);
        AdminClient alice = AdminOfAlice();

        AdminListing<GroupListing> groups = await alice.ListGroupsAsync(cancellationToken: cancellationToken);
        AdminListing<TransactionListing> transactions = await alice.ListTransactionsAsync(cancellationToken: cancellationToken);
        AdminResults<string, ConsumerGroupDescription> described = await alice.DescribeConsumerGroupsAsync(["hidden"], cancellationToken: cancellationToken);
        AdminResults<string, TransactionDescription> transaction = await alice.DescribeTransactionsAsync(["secret"], cancellationToken: cancellationToken);
        AdminResults<TopicPartition, IReadOnlyList<ProducerState>> producers = await alice.DescribeProducersAsync([new("orders", 0)], cancellationToken: cancellationToken);
        AdminResults<string, FencedProducer> fenced = await alice.FenceProducersAsync(["secret"], cancellationToken: cancellationToken);

        Assert.That((groups.Items.Count, groups.Failures.Count, transactions.Items.Count), Is.EqualTo((0, 0, 0)));
        Assert.That(described.Failures["hidden"], Is.TypeOf<AuthorizationException>().With.Property("Code").EqualTo(ErrorCode.GroupAuthorizationFailed));
        Assert.That(transaction.Failures["secret"].Code, Is.EqualTo(ErrorCode.TransactionalIdAuthorizationFailed));
        Assert.That(producers.Failures.Values.Single().Code, Is.EqualTo(ErrorCode.TopicAuthorizationFailed));
        Assert.That(fenced.Failures["secret"].Code, Is.EqualTo(ErrorCode.TransactionalIdAuthorizationFailed));
        Assert.That((await Admin.ListTransactionsAsync(cancellationToken: cancellationToken)).Items.Select(t => t.TransactionalId), Is.EqualTo(new[] { "secret" }));
    }

    [Test]
    public async Task Who_may_see_a_group_but_not_its_topics_is_not_shown_its_members(CancellationToken cancellationToken)
    {
        Cluster.CreateTopic("orders");
        Cluster.AddAcl(new TestAcl(ResourceType.Group, "billing", Alice, AclOperation.Describe));
        await using KafkaClient kafka = Client(new SaslPlain("admin", Security.SecureCluster.Password));
        await using Consumer<string, string> member = kafka.CreateConsumer<string, string>(new ConsumerOptions { GroupId = "billing", Topics = { "orders" }, GroupProtocol = GroupProtocol.Consumer });
        await using IAsyncEnumerator<ConsumeResult<string, string>> reading = member.ConsumeAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        Task<bool> waiting = reading.MoveNextAsync().AsTask();
        await Cluster.WaitForAsync(ApiKey.Fetch, 1, cancellationToken);

        AdminResults<string, ConsumerGroupDescription> seen = await AdminOfAlice().DescribeConsumerGroupsAsync(
            ["billing"], new DescribeGroupsOptions { IncludeAuthorizedOperations = true }, cancellationToken);
        Cluster.AddAcl(new TestAcl(ResourceType.Topic, "orders", Alice, AclOperation.Describe));
        AdminResults<string, ConsumerGroupDescription> allowed = await AdminOfAlice().DescribeConsumerGroupsAsync(
            ["billing"], new DescribeGroupsOptions { IncludeAuthorizedOperations = true }, cancellationToken);

        Assert.That(seen.Failures["billing"].Code, Is.EqualTo(ErrorCode.TopicAuthorizationFailed));
        Assert.That(allowed["billing"].AuthorizedOperations, Is.EquivalentTo(new[] { AclOperation.Describe }));
        await kafka.DisposeAsync();
        Assert.That(async () => await waiting, Throws.InstanceOf<ObjectDisposedException>());
    }
}
