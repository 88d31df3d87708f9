using Milena.Kafka.Testing;
using Milena.Kafka.Tests.Security;

namespace Milena.Kafka.Tests.Interop;

/// <summary>The rig itself: what it writes and runs, as text, and the whole of it where KAFKA_HOME is set.</summary>
public class KafkaHomeTests
{
    private static readonly KafkaNodeSettings[] Nodes =
        [new(1, 1001, 2001, "/data/1"), new(2, 1002, 2002, "/data/2"), new(3, 1003, 2003, "/data/3")];

    [Test]
    public void A_node_is_broker_and_controller_on_loopback_and_knows_all_voters()
    {
        string[] lines = Nodes[1].ToProperties(Nodes).Split('\n');

        Assert.That(lines, Does.Contain("process.roles=broker,controller"));
        Assert.That(lines, Does.Contain("node.id=2"));
        Assert.That(lines, Does.Contain("controller.quorum.voters=1@127.0.0.1:2001,2@127.0.0.1:2002,3@127.0.0.1:2003"));
        Assert.That(lines, Does.Contain("listeners=PLAINTEXT://127.0.0.1:1002,CONTROLLER://127.0.0.1:2002"));
        Assert.That(lines, Does.Contain("advertised.listeners=PLAINTEXT://127.0.0.1:1002"));
        Assert.That(lines, Does.Contain("log.dirs=/data/2"));
    }

    [TestCase(1, "1", "1")]
    [TestCase(3, "3", "2")]
    public void Internal_topics_fit_the_number_of_brokers(int brokers, string replicas, string inSync)
    {
        string[] lines = Nodes[0].ToProperties(Nodes[..brokers]).Split('\n');

        Assert.That(lines, Does.Contain($"offsets.topic.replication.factor={replicas}"));
        Assert.That(lines, Does.Contain($"transaction.state.log.replication.factor={replicas}"));
        Assert.That(lines, Does.Contain($"transaction.state.log.min.isr={inSync}"));
        Assert.That(lines, Does.Contain($"share.coordinator.state.topic.min.isr={inSync}"));
    }

    [Test]
    public void A_property_can_be_replaced_and_added()
    {
        Dictionary<string, string> overrides = new() { ["min.insync.replicas"] = "1", ["message.max.bytes"] = "2000" };

        string[] lines = Nodes[0].ToProperties(Nodes, overrides).Split('\n');

        Assert.That(lines, Does.Contain("min.insync.replicas=1").And.Contain("message.max.bytes=2000"));
        Assert.That(lines.Count(line => line.StartsWith("min.insync", StringComparison.Ordinal)), Is.EqualTo(1));
    }

    [Test]
    public void The_commands_name_the_classes_of_the_distribution_and_bound_the_heap()
    {
        KafkaCommands commands = new("/jdk/bin/java", "/kafka");

        Assert.That(
            string.Join(' ', commands.Format("abc", "/tmp/server.properties")),
            Is.EqualTo("-Xmx256m -cp /kafka/libs/* kafka.tools.StorageTool format --cluster-id abc --config /tmp/server.properties"));
        Assert.That(
            string.Join(' ', commands.Serve("/tmp/n/server.properties", "/tmp/n")),
            Does.StartWith("-Xms128m -Xmx512m ").And.EndsWith(" -cp /kafka/libs/* kafka.Kafka /tmp/n/server.properties")
                .And.Contain("-Dlog4j.configuration=file:/tmp/n/log4j.properties").And.Contain("-Dlog4j2.configurationFile=/tmp/n/log4j2.properties"));
    }

    [Test]
    public void More_listeners_credentials_and_options_of_Java_go_where_Kafka_looks_for_them()
    {
        KafkaNodeSettings node = Nodes[0] with { Listeners = [("CLIENTS", 3001), ("MUTUAL", 3002)] };
        string[] lines = node.ToProperties([node], SecureKafkaHome.Properties("/broker.p12", "/clients.pem", new Uri("http://127.0.0.1:9/keys"))).Split('\n');
        KafkaCommands commands = new("/jdk/bin/java", "/kafka") { ScramCredentials = ["SCRAM-SHA-256=[name=a,password=b]"], JavaOptions = ["-Dx=y"] };

        Assert.That(lines, Does.Contain("listeners=PLAINTEXT://127.0.0.1:1001,CONTROLLER://127.0.0.1:2001,CLIENTS://127.0.0.1:3001,MUTUAL://127.0.0.1:3002"));
        Assert.That(lines, Does.Contain("advertised.listeners=PLAINTEXT://127.0.0.1:1001,CLIENTS://127.0.0.1:3001,MUTUAL://127.0.0.1:3002"));
        Assert.That(lines, Does.Contain("listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,CLIENTS:SASL_SSL,MUTUAL:SSL"));
        Assert.That(string.Join(' ', commands.Format("abc", "/f")), Does.EndWith("--config /f --add-scram SCRAM-SHA-256=[name=a,password=b]"));
        Assert.That(string.Join(' ', commands.Serve("/f", "/d")), Does.Contain(" -Dx=y -cp "));
    }

    [Test]
    public async Task Java_reads_the_store_that_brokers_are_given()
    {
        if (!Java.CanRunSource(out string reason))
        {
            Assert.Ignore(reason);
        }

        using var files = new TemporaryFolder();
        await using var provider = new IdentityProvider();
        string store = SecureKafkaHome.Options(new TestCertificates(), provider, files).Properties!["ssl.keystore.location"];
        string keytool = Path.Combine(Path.GetDirectoryName(Java.Find()!)!, "keytool");

        ProcessResult listed = await OutsideProcess.RunAsync(
            keytool, ["-list", "-keystore", store, "-storetype", "PKCS12", "-storepass", SecureKafkaHome.StorePassword], default, TimeSpan.FromSeconds(60), null, TestContext.CurrentContext.CancellationToken);

        Assert.That(listed.EnsureSuccess().Text, Does.Contain("PrivateKeyEntry"));
    }

    [Test]
    public void A_cluster_id_is_a_Kafka_uuid() =>
        Assert.That(Enumerable.Range(0, 1000).Select(_ => KafkaHomeCluster.NewClusterId()), Has.All.Matches("^[A-Za-z0-9_][A-Za-z0-9_-]{21}$"));

    [Test, CancelAfter(30_000)]
    public async Task The_probe_sees_whether_a_broker_answers_and_how_many_there_are(CancellationToken cancellationToken)
    {
        if (!LibrdkafkaMockCluster.IsAvailable(out string reason))
        {
            Assert.Ignore(reason);
        }

        string address;
        using (LibrdkafkaMockCluster cluster = new(brokers: 3))
        {
            address = cluster.BootstrapServers.Split(',')[0];
            Assert.That(await KafkaProbe.AnswersAsync(address, cancellationToken), Is.True);
            Assert.That(await KafkaProbe.CountBrokersAsync(address, cancellationToken), Is.EqualTo(3));
        }

        Assert.That(await KafkaProbe.AnswersAsync(address, cancellationToken), Is.False);
        Assert.That(await KafkaProbe.CountBrokersAsync(address, cancellationToken), Is.Zero);
    }

    [TestCase(1), TestCase(3), CancelAfter(300_000)]
    public async Task Brokers_start_survive_a_kill_and_a_stop_and_leave_nothing_behind(int brokers, CancellationToken cancellationToken)
    {
        if (!KafkaHome.IsAvailable(out string reason))
        {
            Assert.Ignore(reason);
        }

        string address;
        await using (KafkaHomeCluster cluster = await KafkaHomeCluster.StartAsync(brokers, new KafkaHomeOptions(), cancellationToken))
        {
            address = cluster.BootstrapServers.Split(',')[0];
            Assert.That(await KafkaProbe.CountBrokersAsync(address, cancellationToken), Is.EqualTo(brokers));

            await cluster.KillAsync(1);
            Assert.That(await KafkaProbe.AnswersAsync(address, cancellationToken), Is.False);
            await cluster.StartAsync(1, cancellationToken);
            Assert.That(await KafkaProbe.AnswersAsync(address, cancellationToken), Is.True);

            await cluster.StopAsync(1, cancellationToken);
            Assert.That(await KafkaProbe.AnswersAsync(address, cancellationToken), Is.False);
            await cluster.StartAsync(1, cancellationToken);
        }

        Assert.That(await KafkaProbe.AnswersAsync(address, cancellationToken), Is.False);
    }
}
