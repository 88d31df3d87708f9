using Milena.Kafka.Protocol;
using Milena.Kafka.Testing;

namespace Milena.Kafka.Tests.Producer.Transactions;

/// <summary>A right that is missing is named; what a transaction can do about it depends on the step.</summary>
[CancelAfter(60_000)]
public class TransactionRightsTests
{
    private const string Topic = "payments";
    private const string Anyone = "User:ANONYMOUS";

    private static readonly TestAcl OnId = new(ResourceType.TransactionalId, "billing-1", Anyone, AclOperation.Write);
    private static readonly TestAcl OnGroup = new(ResourceType.Group, "billing", Anyone, AclOperation.Read);
    private static readonly TestAcl ToWrite = new(ResourceType.Topic, Topic, Anyone, AclOperation.Write);
    private static readonly TestAcl ToDescribe = new(ResourceType.Topic, "denied", Anyone, AclOperation.Describe);

    [Test]
    public async Task A_right_on_the_transactional_id_may_be_granted_before_the_first_transaction([Values(1, 2)] int generation, CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await StartAsync(generation, cancellationToken, ToWrite);
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        await using Producer<string?, string?> producer = Create(kafka);

        AuthorizationException? denied = await Assert.ThrowsAsync<AuthorizationException>(async () => await producer.BeginTransactionAsync(cancellationToken));
        Assert.That((denied!.Code, denied.ResourceName), Is.EqualTo((ErrorCode.TransactionalIdAuthorizationFailed, "billing-1")));
        Assert.That(denied.Message, Does.Contain("WRITE").And.Contain("billing-1"));

        cluster.AddAcl(OnId);
        Assert.That(await CommitAsync(producer, Topic, null, cancellationToken), Is.EqualTo(TransactionOutcome.Committed), "the same producer goes on");
    }

    [Test]
    public async Task A_missing_right_on_a_topic_or_group_costs_the_transaction_and_not_the_producer([Values(1, 2)] int generation, [Values] bool isGroup, CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await StartAsync(generation, cancellationToken, OnId, ToWrite, ToDescribe);
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        await using Producer<string?, string?> producer = Create(kafka);

        await using (ProducerTransaction<string?, string?> transaction = await producer.BeginTransactionAsync(cancellationToken))
        {
            await transaction.EnqueueAsync(isGroup ? Topic : "denied", "k", "v", cancellationToken);
            if (isGroup)
            {
                transaction.AddOffsets(new ConsumerGroupMetadata("billing"), new PartitionOffset(new TopicPartition(Topic, 0), 1));
            }

            TransactionException? refused = await Assert.ThrowsAsync<TransactionException>(async () => await transaction.CommitAsync(cancellationToken));
            Assert.That(refused!.Code, Is.EqualTo(isGroup ? ErrorCode.GroupAuthorizationFailed : ErrorCode.TopicAuthorizationFailed));
        }

        cluster.AddAcl(OnGroup);
        cluster.AddAcl(new TestAcl(ResourceType.Topic, "denied", Anyone, AclOperation.Write));
        cluster.AddAcl(new TestAcl(ResourceType.Topic, Topic, Anyone, AclOperation.Read));
        Assert.That(await CommitAsync(producer, "denied", 7, cancellationToken), Is.EqualTo(TransactionOutcome.Committed));
        Assert.That(cluster.CommittedOffset("billing", Topic, 0), Is.EqualTo(7));
    }

    [Test]
    public async Task A_right_that_is_taken_away_in_mid_course_ends_the_producer([Values(1, 2)] int generation, CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await StartAsync(generation, cancellationToken, OnId, ToWrite);
        await using var kafka = new KafkaClient(cluster.BootstrapServers);
        await using Producer<string?, string?> producer = Create(kafka);
        await CommitAsync(producer, Topic, null, cancellationToken);
        ProducerTransaction<string?, string?> transaction = await producer.BeginTransactionAsync(cancellationToken);
        await transaction.ProduceAsync(Topic, "k", "v", cancellationToken);

        cluster.RemoveAcl(OnId);

        await Assert.ThatAsync(async () => await transaction.CommitAsync(cancellationToken), Throws.InstanceOf<KafkaException>().With.Message.Contains("write and describe"));
        Assert.That(transaction.Outcome, Is.EqualTo(TransactionOutcome.Aborted));
        await Assert.ThatAsync(async () => await producer.BeginTransactionAsync(cancellationToken), Throws.InstanceOf<KafkaException>().With.Property("Code").EqualTo(ErrorCode.TransactionalIdAuthorizationFailed));
    }

    private static async Task<TestCluster> StartAsync(int generation, CancellationToken cancellationToken, params TestAcl[] rights)
    {
        var authorization = new TestAuthorizationOptions();
        foreach (TestAcl right in rights)
        {
            authorization.Acls.Add(right);
        }

        TestCluster cluster = await TestCluster.StartAsync(1, new TestClusterOptions { TransactionVersion = generation, Security = { Authorization = authorization } }, cancellationToken);
        cluster.CreateTopic(Topic, 1);
        cluster.CreateTopic("denied", 1);
        return cluster;
    }

    private static Producer<string?, string?> Create(KafkaClient kafka) => kafka.CreateProducer<string?, string?>(new ProducerOptions { TransactionalId = "billing-1" });

    private static async Task<TransactionOutcome?> CommitAsync(Producer<string?, string?> producer, string topic, long? offset, CancellationToken cancellationToken)
    {
        await using ProducerTransaction<string?, string?> transaction = await producer.BeginTransactionAsync(cancellationToken);
        await transaction.EnqueueAsync(topic, "k", "v", cancellationToken);
        if (offset is { } position)
        {
            transaction.AddOffsets(new ConsumerGroupMetadata("billing"), new PartitionOffset(new TopicPartition(Topic, 0), position));
        }

        await transaction.CommitAsync(cancellationToken);
        return transaction.Outcome;
    }
}
