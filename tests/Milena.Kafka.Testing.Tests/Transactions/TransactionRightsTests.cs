using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using static Milena.Kafka.Protocol.ErrorCode;
using static Milena.Kafka.Testing.Tests.Requests;

namespace Milena.Kafka.Testing.Tests.Transactions;

/// <summary>Which right each step of a transaction takes, and what it is refused with.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class TransactionRightsTests : TransactionClusterTest
{
    private const string Anyone = "User:ANONYMOUS";

    private static readonly TestAcl OnId = new(ResourceType.TransactionalId, "tx", Anyone, AclOperation.Write);
    private static readonly TestAcl OnGroup = new(ResourceType.Group, Group, Anyone, AclOperation.Read);
    private static readonly TestAcl ToWrite = new(ResourceType.Topic, Topic, Anyone, AclOperation.Write);
    private static readonly TestAcl ToRead = new(ResourceType.Topic, Topic, Anyone, AclOperation.Read);

    protected override TestClusterOptions Options
    {
        get
        {
            var rights = new TestAuthorizationOptions { Acls = { OnId, OnGroup, ToWrite, ToRead } };
            return new() { TimeProvider = Time, Security = { Authorization = rights } };
        }
    }

    [Test]
    public async Task With_all_rights_a_transaction_runs([Values] bool isSecondGeneration)
    {
        TransactionalProducer producer = await StartAsync(isSecondGeneration);

        Assert.That(await producer.WriteAsync(0, "a"), Is.EqualTo(None));
        Assert.That(await producer.CommitAsync(Group, 0, 5), Is.EqualTo(None));
        Assert.That(await producer.EndAsync(true), Is.EqualTo(None));
        Assert.That(Cluster.CommittedOffset(Group, Topic, 0), Is.EqualTo(5));
    }

    [Test]
    public async Task Every_step_takes_the_right_to_write_the_transactional_id([Values] bool isSecondGeneration)
    {
        TransactionalProducer producer = await StartAsync(isSecondGeneration);
        Cluster.RemoveAcl(OnId);

        Assert.That(await producer.InitializeAsync(), Is.EqualTo(TransactionalIdAuthorizationFailed));
        Assert.That(await producer.AddAsync(0), Is.EqualTo(TransactionalIdAuthorizationFailed));
        Assert.That(await producer.ProduceAsync(0, "a"), Is.EqualTo(TransactionalIdAuthorizationFailed));
        Assert.That(await producer.AddGroupAsync(Group), Is.EqualTo(TransactionalIdAuthorizationFailed));
        Assert.That(await producer.CommitOnlyAsync(Group, 0, 5), Is.EqualTo(TransactionalIdAuthorizationFailed));
        Assert.That(await producer.EndAsync(true), Is.EqualTo(TransactionalIdAuthorizationFailed));
        Assert.That(Cluster.Transaction("tx")!.State, Is.EqualTo("Empty"));
    }

    [Test]
    public async Task Positions_take_the_right_to_read_the_group()
    {
        TransactionalProducer producer = await StartAsync();
        Cluster.RemoveAcl(OnGroup);

        Assert.That(await producer.AddGroupAsync(Group), Is.EqualTo(GroupAuthorizationFailed));
        Assert.That(await producer.CommitOnlyAsync(Group, 0, 5), Is.EqualTo(GroupAuthorizationFailed));
        Assert.That(Cluster.Transaction("tx")!.State, Is.EqualTo("Empty"));
    }

    [Test]
    public async Task Records_take_the_right_to_write_the_topic_and_positions_that_to_read_it()
    {
        TransactionalProducer producer = await StartAsync();
        Cluster.RemoveAcl(ToWrite);
        Assert.That(await producer.AddAsync(0), Is.EqualTo(TopicAuthorizationFailed));
        Assert.That(await producer.ProduceAsync(0, "a"), Is.EqualTo(TopicAuthorizationFailed));

        Cluster.RemoveAcl(ToRead);
        Assert.That(await producer.CommitOnlyAsync(Group, 0, 5), Is.EqualTo(TopicAuthorizationFailed));
        Assert.That(Cluster.Transaction("tx")!.State, Is.EqualTo("Empty"), "what was refused as a whole enrols nothing");
    }

    [Test]
    public async Task Positions_of_partitions_that_are_not_there_enrol_nothing()
    {
        TransactionalProducer producer = await StartAsync();

        Assert.That(await producer.CommitOnlyAsync(Group, 99, 5), Is.EqualTo(UnknownTopicOrPartition));
        Assert.That(Cluster.Transaction("tx")!.State, Is.EqualTo("Empty"));
    }

    [Test]
    public async Task Who_may_not_describe_a_transactional_id_does_not_see_it()
    {
        TransactionalProducer producer = await StartAsync();
        await producer.WriteAsync(0, "a");
        DescribeTransactionsResponse.TransactionStateStruct seen = await DescribeAsync();
        Assert.That(seen.Topics.Single().Topic, Is.EqualTo(Topic), "who may write may describe");
        Assert.That((await ListAsync()).TransactionStates, Has.Count.EqualTo(1));

        Cluster.RemoveAcl(ToWrite);
        Cluster.RemoveAcl(ToRead);
        Assert.That((await DescribeAsync()).Topics, Is.Empty, "a topic that may not be described is left out");
        Cluster.RemoveAcl(OnId);
        Assert.That((await DescribeAsync()).ErrorCode, Is.EqualTo(TransactionalIdAuthorizationFailed));
        Assert.That((await ListAsync()).TransactionStates, Is.Empty);
    }

    [Test]
    public async Task Producers_of_a_partition_are_told_to_those_who_may_read_it()
    {
        var request = new DescribeProducersRequest { Topics = [new() { Name = Topic, PartitionIndexes = [0] }] };
        Assert.That(await AskAsync(), Is.EqualTo(None));
        Cluster.RemoveAcl(ToRead);
        Assert.That(await AskAsync(), Is.EqualTo(TopicAuthorizationFailed));

        async Task<ErrorCode> AskAsync() =>
            (await (await Clients.ToAsync(Cluster.Leader(Topic, 0))).SendAsync(request, 0, Bound)).Topics.Single().Partitions.Single().ErrorCode;
    }

    [TestCase(null)]
    [TestCase(AclOperation.Alter)]
    [TestCase(AclOperation.ClusterAction)]
    public async Task Markers_and_the_questions_of_brokers_take_a_right_on_the_cluster(AclOperation? right)
    {
        TransactionalProducer producer = await StartAsync();
        await producer.WriteAsync(0, "a");
        if (right is { } granted)
        {
            Cluster.AddAcl(new TestAcl(ResourceType.Cluster, "kafka-cluster", Anyone, granted));
        }

        var markers = new WriteTxnMarkersRequest
        {
            Markers = [new() { ProducerId = producer.Id, ProducerEpoch = producer.Epoch, CoordinatorEpoch = -1, Topics = [new() { Name = Topic, PartitionIndexes = [0] }] }],
        };
        WriteTxnMarkersResponse written = await (await Clients.ToAsync(Cluster.Leader(Topic, 0))).SendAsync(markers, 1, Bound);
        Assert.That(written.Markers.Single().Topics.Single().Partitions.Single().ErrorCode, Is.EqualTo(right is null ? ClusterAuthorizationFailed : None));

        var question = new AddPartitionsToTxnRequest
        {
            Transactions = [new() { TransactionalId = "tx", ProducerId = producer.Id, ProducerEpoch = producer.Epoch, VerifyOnly = true, Topics = [new() { Name = Topic, Partitions = [0] }] }],
        };
        AddPartitionsToTxnResponse verified = await (await Clients.ToAsync(Cluster.TransactionCoordinator("tx"))).SendAsync(question, 4, Bound);
        Assert.That(verified.ErrorCode, Is.EqualTo(right == AclOperation.ClusterAction ? None : ClusterAuthorizationFailed));
    }

    private async Task<DescribeTransactionsResponse.TransactionStateStruct> DescribeAsync() =>
        (await (await CoordinatorAsync()).SendAsync(new DescribeTransactionsRequest { TransactionalIds = ["tx"] }, 0, Bound)).TransactionStates.Single();

    private async Task<ListTransactionsResponse> ListAsync() => await (await CoordinatorAsync()).SendAsync(new ListTransactionsRequest(), 0, Bound);

    private Task<RawClient> CoordinatorAsync() => Clients.ToAsync(Cluster.TransactionCoordinator("tx"));
}
