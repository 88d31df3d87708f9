using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Cli.Settings;

/// <summary>Settings by Kafka's own property names, as its command line tools take them. Each verb takes those that concern it.</summary>
internal sealed class KafkaProperties
{
    private static readonly PropertyTable<KafkaClientOptions> Client = new()
    {
        ["bootstrap.servers"] = (o, v) => o.BootstrapServers = v.Text,
        ["client.id"] = (o, v) => o.ClientId = v.Text,
        ["request.timeout.ms"] = (o, v) => o.RequestTimeout = v.Milliseconds(),
        ["default.api.timeout.ms"] = (o, v) => o.ApiTimeout = v.Milliseconds(),
        ["socket.connection.setup.timeout.ms"] = (o, v) => o.ConnectionSetupTimeout = v.Milliseconds(),
        ["connections.max.idle.ms"] = (o, v) => o.ConnectionMaxIdle = v.Milliseconds(),
        ["reconnect.backoff.ms"] = (o, v) => o.ReconnectBackoff = v.Milliseconds(),
        ["reconnect.backoff.max.ms"] = (o, v) => o.ReconnectBackoffMax = v.Milliseconds(),
        ["retry.backoff.ms"] = (o, v) => o.RetryBackoff = v.Milliseconds(),
        ["retry.backoff.max.ms"] = (o, v) => o.RetryBackoffMax = v.Milliseconds(),
        ["metadata.max.age.ms"] = (o, v) => o.MetadataMaxAge = v.Milliseconds(),
        ["receive.message.max.bytes"] = (o, v) => o.MaxResponseSize = v.Int(),
    };

    private static readonly PropertyTable<ProducerOptions> Producer = new()
    {
        ["acks"] = (o, v) => o.Acks = v.OneOf(("all", Acks.All), ("-1", Acks.All), ("0", Acks.None), ("1", Acks.Leader)),
        ["enable.idempotence"] = (o, v) => o.Idempotence = v.Bool(),
        ["transactional.id"] = (o, v) => o.TransactionalId = v.Text,
        ["transaction.timeout.ms"] = (o, v) => o.TransactionTimeout = v.Milliseconds(),
        ["linger.ms"] = (o, v) => o.Linger = v.Milliseconds(),
        ["batch.size"] = (o, v) => o.BatchSize = v.Int(),
        ["buffer.memory"] = (o, v) => o.BufferMemory = v.Long(),
        ["max.block.ms"] = (o, v) => o.MaxBlock = v.Milliseconds(),
        ["max.request.size"] = (o, v) => o.MaxRequestSize = v.Int(),
        ["delivery.timeout.ms"] = (o, v) => o.DeliveryTimeout = v.Milliseconds(),
        ["max.in.flight.requests.per.connection"] = (o, v) => o.MaxInFlight = v.Int(),
        ["compression.type"] = (o, v) => o.Compression = v.OneOf(
            ("none", CompressionType.None), ("gzip", CompressionType.Gzip), ("snappy", CompressionType.Snappy), ("lz4", CompressionType.Lz4), ("zstd", CompressionType.Zstd)),
        ["compression.gzip.level"] = (o, v) => o.CompressionLevel = o.Compression == CompressionType.Gzip ? v.Int() : o.CompressionLevel,
        ["compression.lz4.level"] = (o, v) => o.CompressionLevel = o.Compression == CompressionType.Lz4 ? v.Int() : o.CompressionLevel,
        ["compression.zstd.level"] = (o, v) => o.CompressionLevel = o.Compression == CompressionType.Zstd ? v.Int() : o.CompressionLevel,
        ["partitioner.adaptive.partitioning.enable"] = (o, v) => o.AdaptivePartitioning = v.Bool(),
        ["partitioner.availability.timeout.ms"] = (o, v) => o.PartitionAvailabilityTimeout = v.Milliseconds(),
        ["partitioner.ignore.keys"] = (o, v) => o.IgnoreKeys = v.Bool(),
    };

    private static readonly PropertyTable<ConsumerOptions> Consumer = new()
    {
        ["group.id"] = (o, v) => o.GroupId = v.Text,
        ["group.instance.id"] = (o, v) => o.GroupInstanceId = v.Text,
        ["group.protocol"] = (o, v) => o.GroupProtocol = v.OneOf(("auto", GroupProtocol.Auto), ("classic", GroupProtocol.Classic), ("consumer", GroupProtocol.Consumer)),
        ["group.remote.assignor"] = (o, v) => o.GroupRemoteAssignor = v.Text,
        ["session.timeout.ms"] = (o, v) => o.SessionTimeout = v.Milliseconds(),
        ["heartbeat.interval.ms"] = (o, v) => o.HeartbeatInterval = v.Milliseconds(),
        ["max.poll.interval.ms"] = (o, v) => o.MaxPollInterval = v.Milliseconds(),
        ["enable.auto.commit"] = (o, v) => o.AutoCommit = v.Bool() ? AutoCommitMode.AtLeastOnce : AutoCommitMode.Off,
        ["auto.commit.interval.ms"] = (o, v) => o.AutoCommitInterval = v.Milliseconds(),
        ["auto.offset.reset"] = (o, v) => o.OutOfRange = o.AutoOffsetReset = v.Reset(),
        ["isolation.level"] = (o, v) => o.IsolationLevel = v.OneOf(("read_uncommitted", IsolationLevel.ReadUncommitted), ("read_committed", IsolationLevel.ReadCommitted)),
        ["fetch.max.wait.ms"] = (o, v) => o.FetchMaxWait = v.Milliseconds(),
        ["fetch.min.bytes"] = (o, v) => o.FetchMinBytes = v.Int(),
        ["fetch.max.bytes"] = (o, v) => o.FetchMaxBytes = v.Int(),
        ["max.partition.fetch.bytes"] = (o, v) => o.MaxPartitionFetchBytes = v.Int(),
        ["check.crcs"] = (o, v) => o.CheckCrcs = v.Bool(),
        ["client.rack"] = (o, v) => o.RackId = v.Text,
    };

    private readonly Dictionary<string, string> _properties;

    public KafkaProperties(IReadOnlyDictionary<string, string> properties) => _properties = new Dictionary<string, string>(properties, StringComparer.Ordinal);

    /// <summary>The given names that no options class understands. Names of security are judged where they are read.</summary>
    public static IEnumerable<string> UnknownIn(IEnumerable<string> names) => names.Where(name => !IsSecurity(name) && !Known.Contains(name));

    public static IReadOnlyCollection<string> Known { get; } = [.. Client.Names, .. Producer.Names, .. Consumer.Names, "security.protocol", "sasl.mechanism", "sasl.jaas.config"];

    /// <summary>The options of a client for a person in front of a terminal, who does not want to wait a minute for an error.</summary>
    public KafkaClientOptions ClientOptions()
    {
        var options = new KafkaClientOptions { ClientId = "milena-cli", ApiTimeout = TimeSpan.FromSeconds(15), Security = SecurityOptions.FromProperties(_properties) };
        Client.Apply(_properties, options);
        return options;
    }

    public ProducerOptions ProducerOptions()
    {
        var options = new ProducerOptions();

        // A level counts for the codec that is chosen.
        Producer.Apply(_properties.OrderBy(p => p.Key != "compression.type"), options);
        if (options.Acks != Acks.All && !_properties.ContainsKey("enable.idempotence"))
        {
            options.Idempotence = false;
        }

        return options;
    }

    public ConsumerOptions ConsumerOptions()
    {
        var options = new ConsumerOptions();
        Consumer.Apply(_properties, options);
        return options;
    }

    /// <summary>The names of security that are given and mean nothing with the security protocol that is.</summary>
    /// <exception cref="ArgumentException">They are wrong.</exception>
    public IEnumerable<string> IdleSecurity()
    {
        _ = SecurityOptions.FromProperties(_properties, out IReadOnlyList<string> unused);
        return unused.Where(IsSecurity);
    }

    private static bool IsSecurity(string name) =>
        name.StartsWith("security.", StringComparison.Ordinal) || name.StartsWith("ssl.", StringComparison.Ordinal) || name.StartsWith("sasl.", StringComparison.Ordinal);
}
