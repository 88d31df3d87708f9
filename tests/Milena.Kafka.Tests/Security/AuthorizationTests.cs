using Milena.Kafka.Protocol;
using Milena.Kafka.Testing;

namespace Milena.Kafka.Tests.Security;

/// <summary>Rights: what the embedded cluster denies, our client tells with resource and operation.</summary>
[CancelAfter(60_000)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public class AuthorizationTests
{
    private const string Alice = "User:alice";

    private readonly TestAuthorizationOptions _rights = new() { SuperUsers = { "User:admin" } };

    [Test]
    public async Task Without_a_rule_a_topic_is_denied(CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await StartAsync(cancellationToken);
        await using KafkaClient kafka = Client(cluster);

        AuthorizationException failure = (await Assert.ThrowsAsync<AuthorizationException>(() => kafka.CreateAdmin().CreateTopicAsync(new Milena.Kafka.NewTopic("orders"), cancellationToken)))!;

        Assert.That(failure.Code, Is.EqualTo(ErrorCode.TopicAuthorizationFailed));
        Assert.That(failure.Message, Does.Contain("orders"));
    }

    [TestCase("orders-1", PatternType.Literal, "orders-1", true)]
    [TestCase("orders-", PatternType.Prefixed, "orders-1", true)]
    [TestCase("orders-", PatternType.Literal, "orders-1", false)]
    [TestCase("*", PatternType.Literal, "orders-1", true)]
    [TestCase("payments", PatternType.Prefixed, "orders-1", false)]
    public async Task Rules_go_by_whole_names_prefixes_and_the_wildcard(string rule, PatternType pattern, string topic, bool isAllowed, CancellationToken cancellationToken)
    {
        _rights.Acls.Add(new TestAcl(ResourceType.Topic, rule, Alice, AclOperation.Write, Pattern: pattern));
        await using TestCluster cluster = await StartAsync(cancellationToken);
        cluster.CreateTopic(topic);
        await using KafkaClient kafka = Client(cluster);
        await using Producer<string, string> producer = kafka.CreateProducer<string, string>(new ProducerOptions { Idempotence = false });

        Task producing = producer.ProduceAsync(topic, "k", "v", cancellationToken).AsTask();

        if (isAllowed)
        {
            await producing;
        }
        else
        {
            Assert.That(async () => await producing, Throws.InstanceOf<KafkaException>().With.Property("Code").EqualTo(ErrorCode.TopicAuthorizationFailed).And.Message.Contains(topic));
        }

        Assert.That(cluster.EndOffset(topic, 0), Is.EqualTo(isAllowed ? 1 : 0));
    }

    [Test]
    public async Task A_producer_that_may_only_look_is_told_what_it_lacks(CancellationToken cancellationToken)
    {
        _rights.Acls.Add(new TestAcl(ResourceType.Topic, "orders", Alice, AclOperation.Describe));
        await using TestCluster cluster = await StartAsync(cancellationToken);
        cluster.CreateTopic("orders");
        await using KafkaClient kafka = Client(cluster);
        await using Producer<string, string> producer = kafka.CreateProducer<string, string>(new ProducerOptions { Idempotence = false });

        DeliveryException failure = (await Assert.ThrowsAsync<DeliveryException>(async () => await producer.ProduceAsync("orders", "k", "v", cancellationToken)))!;

        Assert.That(failure.Message, Does.Contain("WRITE on topic 'orders'"));
        Assert.That(failure.InnerException, Is.TypeOf<AuthorizationException>()
            .With.Property("Resource").EqualTo(ResourceType.Topic).And.Property("ResourceName").EqualTo("orders").And.Property("Operation").EqualTo(AclOperation.Write));
    }

    [Test]
    public async Task A_denial_wins_over_everything_but_a_super_user(CancellationToken cancellationToken)
    {
        _rights.Acls.Add(new TestAcl(ResourceType.Topic, "*", "User:*", AclOperation.All));
        _rights.Acls.Add(new TestAcl(ResourceType.Topic, "secret-", "User:*", AclOperation.Read, AclPermissionType.Deny, PatternType.Prefixed));
        await using TestCluster cluster = await StartAsync(cancellationToken);
        cluster.CreateTopic("secret-1");
        await SecureCluster.ProduceOneAsync(cluster, Security("alice"), cancellationToken);

        Assert.That(async () => await ReadOneAsync(cluster, "alice", SecureCluster.Topic, cancellationToken), Is.EqualTo("v"));
        Assert.That(async () => await ReadOneAsync(cluster, "alice", "secret-1", cancellationToken), Throws.TypeOf<AuthorizationException>().With.Message.Contains("READ on topic 'secret-1'"));
    }

    [Test]
    public async Task A_member_is_told_which_right_it_lacks([Values(GroupProtocol.Classic, GroupProtocol.Consumer)] GroupProtocol protocol, CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await StartAsync(cancellationToken);
        cluster.CreateTopic("orders");
        cluster.AddAcl(new TestAcl(ResourceType.Topic, "orders", Alice, AclOperation.Read));
        await using KafkaClient kafka = Client(cluster);
        AuthorizationException group = (await Assert.ThrowsAsync<AuthorizationException>(() => ReadAsMemberAsync(kafka, protocol, cancellationToken)))!;
        Assert.That((group.Resource, group.ResourceName, group.Operation), Is.EqualTo((ResourceType.Group, "g", AclOperation.Read)));
        Assert.That(group.Message, Does.Contain("READ on group 'g'"));

        cluster.AddAcl(new TestAcl(ResourceType.Group, "g", Alice, AclOperation.Read));
        cluster.RemoveAcl(new TestAcl(ResourceType.Topic, "orders", Alice, AclOperation.Read));
        AuthorizationException committed = (await Assert.ThrowsAsync<AuthorizationException>(() => ReadAsMemberAsync(kafka, protocol, cancellationToken)))!;
        Assert.That((committed.Resource, committed.ResourceName), Is.EqualTo((ResourceType.Topic, "orders")), "it knows the topic from before, and may not ask for offsets");
        await using KafkaClient fresh = Client(cluster);
        AuthorizationException topic = (await Assert.ThrowsAsync<AuthorizationException>(() => ReadAsMemberAsync(fresh, protocol, cancellationToken)))!;
        Assert.That((topic.Resource, topic.ResourceName, topic.Operation), Is.EqualTo((ResourceType.Topic, "orders", AclOperation.Describe)));
        Assert.That(topic.Message, Does.Contain("DESCRIBE"));
    }

    private static async Task ReadAsMemberAsync(KafkaClient kafka, GroupProtocol protocol, CancellationToken cancellationToken)
    {
        await using Consumer<string, string> consumer = kafka.CreateConsumer<string, string>(new ConsumerOptions { GroupId = "g", Topics = { "orders" }, GroupProtocol = protocol, CloseTimeout = TimeSpan.FromSeconds(5) });
        await foreach (ConsumeResult<string, string> record in consumer.ConsumeAsync(cancellationToken))
        {
            Assert.Fail("Nothing may be read.");
        }
    }

    private static async Task<string> ReadOneAsync(TestCluster cluster, string user, string topic, CancellationToken cancellationToken)
    {
        await using KafkaClient kafka = SecureCluster.Client(cluster, Security(user));
        await using Consumer<string, string> consumer = kafka.CreateConsumer<string, string>();
        await consumer.AssignTopicAsync(topic, StartPosition.Beginning, cancellationToken);
        await foreach (ConsumeResult<string, string> record in consumer.ConsumeAsync(cancellationToken))
        {
            return record.Value;
        }

        return "";
    }

    private async Task<TestCluster> StartAsync(CancellationToken cancellationToken)
    {
        TestSaslOptions sasl = SecureCluster.Sasl();
        sasl.Users["admin"] = SecureCluster.Password;
        return await SecureCluster.StartAsync(new TestSecurityOptions { Sasl = sasl, Authorization = _rights }, cancellationToken);
    }

    private static KafkaClient Client(TestCluster cluster) => SecureCluster.Client(cluster, Security("alice"));

    private static SecurityOptions Security(string user) => SecureCluster.Sasl(new SaslPlain(user, SecureCluster.Password));
}
