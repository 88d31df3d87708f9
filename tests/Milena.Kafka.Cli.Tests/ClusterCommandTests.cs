using System.Text.Json;
using Milena.Kafka.Tests.Interop;

namespace Milena.Kafka.Cli.Tests;

public class ClusterCommandTests : AdminCommandTest
{
    [Test]
    public async Task Brokers_features_quorum_and_directories_are_shown(CancellationToken cancellationToken)
    {
        (await RunAsync("topics create stored --assignment 1,2", cancellationToken)).EnsureSuccess();

        JsonElement[] brokers = await RowsAsync("cluster describe", cancellationToken);
        JsonElement[] features = await RowsAsync("cluster features", cancellationToken);
        JsonElement[] quorum = await RowsAsync("cluster quorum", cancellationToken);
        JsonElement[] dirs = await RowsAsync("cluster log-dirs --broker 1", cancellationToken);
        JsonElement[] replica = await RowsAsync("reassign replica-dirs stored:0@2", cancellationToken);

        Assert.That(Column(brokers, "broker"), Is.EqualTo(new[] { "1", "2", "3" }));
        Assert.That(brokers.Count(row => row.GetProperty("controller").GetBoolean()), Is.EqualTo(1));
        Assert.That(brokers.Select(row => $"{row.GetProperty("host")}:{row.GetProperty("port")}"), Is.EqualTo(Servers.Split(',')));
        Assert.That(Column(features, "feature"), Does.Contain("transaction.version"));
        Assert.That(Column(quorum, "role"), Has.Exactly(1).EqualTo("leader"));
        Assert.That(Column(dirs, "topic"), Does.Contain("stored"));
        Assert.That(Column(dirs, "broker"), Is.All.EqualTo("1"));
        Assert.That(replica.Single().GetProperty("dir").GetString(), Is.Not.Empty);
        Assert.That(await RowsAsync("cluster instance-id", cancellationToken), Has.Length.EqualTo(1));
    }

    [Test]
    public async Task A_partition_is_moved_and_led_by_whom_it_should(CancellationToken cancellationToken)
    {
        (await RunAsync("topics create travelling --assignment 1,2", cancellationToken)).EnsureSuccess();

        (await RunAsync("reassign move travelling:0=3,2", cancellationToken)).EnsureSuccess();
        ProcessResult elected = await RunAsync("reassign elect travelling:0", cancellationToken);

        JsonElement partition = (await RowsAsync("topics describe travelling", cancellationToken)).Single();
        Assert.That(partition.GetProperty("replicas").EnumerateArray().Select(r => r.GetInt32()), Is.EqualTo(new[] { 3, 2 }));
        Assert.That(partition.GetProperty("leader").GetInt32(), Is.EqualTo(3));
        Assert.That(elected.ExitCode, Is.EqualTo(0).Or.EqualTo(2), "the move may have made it the leader already");
        Assert.That(await RowsAsync("reassign list", cancellationToken), Is.Empty);
        Assert.That((await RunAsync("reassign cancel travelling:0", cancellationToken)).Errors, Does.Contain("(NO_REASSIGNMENT_IN_PROGRESS)"));
        Assert.That((await RunAsync("reassign move travelling:0=9", cancellationToken)).Errors, Does.Contain("(INVALID_REPLICA_ASSIGNMENT)"));
    }

    [TestCase("cluster update-feature no.such.feature 1", 2, "no.such.feature")]
    [TestCase("cluster unregister 99", 2, "99")]
    [TestCase("cluster remove-voter 9 nonsense", 1, "'nonsense' is no UUID.")]
    [TestCase("cluster add-voter 9 AAAAAAAAAAAAAAAAAAAAAQ --endpoint here", 1, "'here' behind --endpoint is not of the form LISTENER=HOST:PORT.")]
    [TestCase("reassign move orders=1", 1, "'orders' is not of the form TOPIC:N.")]
    [TestCase("reassign replica-dirs orders:0", 1, "'orders:0' is not of the form TOPIC:N@BROKER.")]
    public async Task What_cannot_be_is_said_in_one_line(string line, int code, string message)
    {
        ProcessResult end = await RunAsync(line, CancellationToken.None);

        Assert.That((end.ExitCode, end.Text), Is.EqualTo((code, "")), end.Errors);
        Assert.That(end.Errors.Split('\n')[0], Does.StartWith("milena: ").And.Contains(message));
    }

    [Test]
    public async Task Transactions_are_shown_and_ended(CancellationToken cancellationToken)
    {
        (await RunAsync("topics create entries --partitions 1", cancellationToken)).EnsureSuccess();
        await using var kafka = new KafkaClient(Servers);
        await using Producer<string, string> producer = kafka.CreateProducer<string, string>(new ProducerOptions { TransactionalId = "teller-1" });
        await using ProducerTransaction<string, string> open = await producer.BeginTransactionAsync(cancellationToken);
        await open.ProduceAsync("entries", "k", "v", cancellationToken);

        JsonElement listed = (await RowsAsync("transactions list --state ongoing", cancellationToken)).Single();
        JsonElement described = (await RowsAsync("transactions describe teller-1", cancellationToken)).Single();
        JsonElement known = (await RowsAsync("transactions producers entries:0", cancellationToken)).Single();
        (await RunAsync("transactions terminate teller-1", cancellationToken)).EnsureSuccess();

        Assert.That(listed.GetProperty("transactionalId").GetString(), Is.EqualTo("teller-1"));
        Assert.That(described.GetProperty("partitions").EnumerateArray().Single().GetString(), Does.Contain("entries"));
        Assert.That(known.GetProperty("transactionStart").GetInt64(), Is.Zero);
        Assert.That(known.GetProperty("producerId").GetInt64(), Is.EqualTo(listed.GetProperty("producerId").GetInt64()));
        Assert.That(await RowsAsync("transactions list --state ongoing", cancellationToken), Is.Empty);
        Assert.That((await RunAsync("consume entries --until-end --isolation read_committed", cancellationToken)).Lines, Is.Empty);
        await Assert.ThatAsync(() => open.CommitAsync(cancellationToken), Throws.InstanceOf<KafkaException>());
        Assert.That(await RowsAsync("transactions fence teller-1", cancellationToken), Has.Length.EqualTo(1));
        Assert.That((await RunAsync("transactions describe nobody", cancellationToken)).Errors, Does.Contain("(TRANSACTIONAL_ID_NOT_FOUND)"));
    }
}
