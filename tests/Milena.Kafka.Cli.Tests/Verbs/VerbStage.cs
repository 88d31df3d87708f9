using Milena.Kafka.Protocol;
using Milena.Kafka.Testing;

namespace Milena.Kafka.Cli.Tests.Verbs;

/// <summary>The cluster that all verbs are tried on: it asks who one is, has brokers that are down, records, a group with a member and a transaction that runs.</summary>
internal sealed class VerbStage : IAsyncDisposable
{
    public const string Topic = "viewed";

    private const string Password = "stage-password";

    private readonly string _folder = Directory.CreateTempSubdirectory("milena").FullName;
    private readonly List<IAsyncDisposable> _open = [];

    private VerbStage(TestCluster cluster)
    {
        Cluster = cluster;
        Config = Path.Combine(_folder, "client.properties");
        Kafka = new KafkaClient(new KafkaClientOptions
        {
            BootstrapServers = cluster.BootstrapServers,
            Security = new SecurityOptions { Protocol = SecurityProtocol.SaslPlaintext, Sasl = new SaslPlain("admin", Password) },
        });
        Admin = Kafka.CreateAdmin();
    }

    public TestCluster Cluster { get; }

    /// <summary>A file that is the input of a verb.</summary>
    public string Input => Path.Combine(_folder, "input");

    public KafkaClient Kafka { get; }

    public AdminClient Admin { get; }

    /// <summary>The file that names the cluster and who asks.</summary>
    public string Config { get; }

    /// <summary>The secret of a delegation token.</summary>
    public string Hmac { get; set; } = "";

    public static async Task<VerbStage> StartAsync(CancellationToken cancellationToken)
    {
        TestCluster cluster = await TestCluster.StartAsync(
            7,
            new TestClusterOptions
            {
                LogDirs = ["/data/a", "/data/b"],
                Security =
                {
                    Sasl = new TestSaslOptions { Users = { ["admin"] = Password } },
                    Authorization = new TestAuthorizationOptions { SuperUsers = { "User:admin" } },
                },
            },
            cancellationToken);
        for (int broker = 4; broker <= 7; broker++)
        {
            await cluster.StopBrokerAsync(broker);
        }

        var stage = new VerbStage(cluster);
        await stage.SetAsync(cancellationToken);
        return stage;
    }

    /// <summary>Makes a topic of one partition on these brokers, with records from 0 on.</summary>
    public async Task TopicAsync(string name, int records = 0, params int[] brokers)
    {
        await Admin.CreateTopicAsync(new NewTopic(name) { Assignments = [brokers.Length == 0 ? [1] : brokers] });
        await using Producer<string, string> producer = Kafka.CreateProducer<string, string>();
        for (int i = 0; i < records; i++)
        {
            await producer.ProduceAsync(name, "k", $"v{i}");
        }
    }

    /// <summary>Makes a group without members that has read one record.</summary>
    public async Task GroupAsync(string name) => (await Admin.AlterGroupOffsetsAsync(name, [new PartitionOffset(new TopicPartition(Topic, 0), 1)])).ThrowIfAnyFailed();

    /// <summary>Makes a group that has a static member, which runs until the stage goes unless it is said to go at once.</summary>
    public async Task MemberAsync(string group, bool stays)
    {
        Consumer<Ignore, string> consumer = Kafka.CreateConsumer<Ignore, string>(
            new ConsumerOptions { GroupId = group, GroupInstanceId = "statue", GroupProtocol = GroupProtocol.Classic, MaxPollInterval = TimeSpan.FromHours(1), Topics = { Topic } });
        IAsyncEnumerator<ConsumeResult<Ignore, string>> loop = consumer.ConsumeAsync().GetAsyncEnumerator();
        await loop.MoveNextAsync();
        _open.Add(loop);
        _open.Add(consumer);
        if (!stays)
        {
            await CloseLastAsync(2);
        }
    }

    /// <summary>Begins a transaction, which runs until it is ended from outside, and stores a record in a topic of its own.</summary>
    public async Task TransactionAsync(string id)
    {
        await TopicAsync($"of-{id}");
        Producer<string, string> producer = Kafka.CreateProducer<string, string>(new ProducerOptions { TransactionalId = id, TransactionTimeout = TimeSpan.FromMinutes(10) });
        ProducerTransaction<string, string> open = await producer.BeginTransactionAsync();
        await open.ProduceAsync($"of-{id}", "k", "v");
        _open.Add(producer);
        _open.Add(open);
    }

    public async Task TokenAsync() => Hmac = (await Admin.CreateDelegationTokenAsync()).Password;

    /// <summary>Begins to move a partition to a broker that is down, which never ends.</summary>
    public async Task MoveForEverAsync(string topic)
    {
        await TopicAsync(topic);
        (await Admin.AlterPartitionReassignmentsAsync(new Dictionary<TopicPartition, IReadOnlyList<int>?> { [new(topic, 0)] = [7, 1] })).ThrowIfAnyFailed();
    }

    public async Task<TopicDescription> DescribeAsync(string topic) => (await Admin.DescribeTopicsAsync([topic]))[topic];

    public async ValueTask DisposeAsync()
    {
        await CloseLastAsync(_open.Count);
        await Kafka.DisposeAsync();
        await Cluster.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task CloseLastAsync(int count)
    {
        for (; count > 0; count--)
        {
            IAsyncDisposable last = _open[^1];
            _open.RemoveAt(_open.Count - 1);
            try
            {
                await last.DisposeAsync();
            }
            catch (KafkaException)
            {
                // A transaction that was ended from outside cannot be aborted any more.
            }
        }
    }

    private async Task SetAsync(CancellationToken cancellationToken)
    {
        await File.WriteAllTextAsync(Config, $"""
            bootstrap.servers={Cluster.BootstrapServers}
            security.protocol=SASL_PLAINTEXT
            sasl.mechanism=PLAIN
            sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username="admin" password="{Password}";
            """, cancellationToken);
        await TopicAsync(Topic, records: 3);
        await GroupAsync("viewers");
        await MemberAsync("residents", stays: true);
        await TransactionAsync("teller");
        await TokenAsync();
        Cluster.CreateShareGroup("sharers");
        (await Admin.CreateAclsAsync([new AclBinding(ResourceType.Topic, Topic, "User:reader", AclOperation.Read)], null, cancellationToken)).ThrowIfAnyFailed();
        (await Admin.AlterScramUsersAsync([ScramCredentialChange.Set("keeper", ScramMechanism.ScramSha512, "of keys")], null, cancellationToken)).ThrowIfAnyFailed();
        (await Admin.AlterClientQuotasAsync(
            [new ClientQuotaAlteration(new ClientQuotaEntity([new(ClientQuotaEntity.UserType, "limited")]), new Dictionary<string, double?> { ["producer_byte_rate"] = 1024 })],
            null,
            cancellationToken)).ThrowIfAnyFailed();
        await MoveForEverAsync("travelling");
    }
}
