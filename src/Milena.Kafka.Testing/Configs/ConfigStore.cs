using System.Globalization;
using Milena.Kafka.Protocol;
using Milena.Kafka.Testing.State;

namespace Milena.Kafka.Testing.Configs;

/// <summary>What is set on every resource, and which value counts where several are. Thread-safe.</summary>
internal sealed class ConfigStore(TestClusterOptions options)
{
    private static readonly Dictionary<string, string> Nothing = [];

    private readonly Lock _gate = new();
    private readonly Dictionary<ConfigKey, IReadOnlyDictionary<string, string>> _set = [];
    private readonly Dictionary<string, string> _static = Differing(FromOptions(options));
    private readonly Dictionary<int, Dictionary<string, string>> _ofBroker = [];

    /// <summary>The resources on which something is set.</summary>
    public IReadOnlyList<ConfigKey> Keys
    {
        get
        {
            lock (_gate)
            {
                return [.. _set.Keys.OrderBy(key => key.Name, StringComparer.Ordinal)];
            }
        }
    }

    public static ConfigSchema SchemaOf(ConfigResourceType type) => type switch
    {
        ConfigResourceType.Topic => TopicSchema.Schema,
        ConfigResourceType.Broker => BrokerSchema.Schema,
        ConfigResourceType.BrokerLogger => LoggerSchema.Schema,
        ConfigResourceType.ClientMetrics => ClientMetricsSchema.Schema,
        ConfigResourceType.Group => GroupSchema.Schema,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "No such resource has settings."),
    };

    /// <summary>Learns what stands in the properties file of one broker.</summary>
    public void AddBroker(BrokerState broker)
    {
        string id = broker.Id.ToString(CultureInfo.InvariantCulture);
        string address = $"PLAINTEXT://{broker.Host}:{broker.Port}";
        lock (_gate)
        {
            _ofBroker[broker.Id] = new Dictionary<string, string>
            {
                ["broker.id"] = id,
                ["node.id"] = id,
                ["listeners"] = address,
                ["advertised.listeners"] = address,
            };
        }
    }

    public IReadOnlyDictionary<string, string> SetOn(ConfigKey key)
    {
        lock (_gate)
        {
            return _set.GetValueOrDefault(key, Nothing);
        }
    }

    /// <summary>Changes what is set on a resource, unless something speaks against it or it is only to be checked.</summary>
    public Refusal? Alter(ConfigKey key, IReadOnlyCollection<ConfigEdit> edits, bool validateOnly)
    {
        lock (_gate)
        {
            ConfigSchema schema = SchemaOf(key.Type);
            (IReadOnlyDictionary<string, string> next, Refusal? refusal) = schema.Apply(_set.GetValueOrDefault(key, Nothing), edits, DefaultOf);
            refusal ??= key.Type == ConfigResourceType.Broker ? BrokerRefusal(schema, next.Keys, key == ConfigKey.AllBrokers) : null;
            if (refusal is null && !validateOnly)
            {
                Put(key, next);
            }

            return refusal;
        }
    }

    public void Remove(ConfigKey key)
    {
        lock (_gate)
        {
            _set.Remove(key);
        }
    }

    /// <summary>The value that counts of a setting that a topic or group has not set.</summary>
    public string DefaultOf(ConfigDefinition definition) =>
        (definition.BrokerName is { } name ? BrokerLayers(name, null).Select(layer => layer.Value).FirstOrDefault() : null) ?? definition.Default ?? "";

    /// <summary>The value that counts of a setting of all brokers.</summary>
    public string ValueOfBrokers(string name) => BrokerLayers(name, null).First().Value!;

    /// <summary>All settings of a resource with their values.</summary>
    /// <param name="key">The resource.</param>
    /// <param name="brokerId">The broker that is asked: what stands in its properties file counts.</param>
    public IReadOnlyList<ConfigValue> Describe(ConfigKey key, int brokerId)
    {
        return Describe(key, SetOn(key), brokerId);
    }

    /// <summary>All settings of a topic that may not be there yet.</summary>
    /// <param name="set">What is set on it.</param>
    /// <param name="brokerId">The broker that is asked.</param>
    public IReadOnlyList<ConfigValue> DescribeTopic(IReadOnlyDictionary<string, string> set, int brokerId) =>
        Describe(new ConfigKey(ConfigResourceType.Topic, ""), set, brokerId);

    private List<ConfigValue> Describe(ConfigKey key, IReadOnlyDictionary<string, string> set, int brokerId)
    {
        ConfigSchema schema = SchemaOf(key.Type);
        IEnumerable<string> names = key.Type == ConfigResourceType.ClientMetrics || key == ConfigKey.AllBrokers
            ? set.Keys
            : schema.Definitions.Select(definition => definition.Name).Union(set.Keys);
        return [.. names.Order(StringComparer.Ordinal).Select(name => new ConfigValue(name, schema.Find(name), [.. Layers(key, name, schema.Find(name), set, brokerId)]))];
    }

    private static Refusal? BrokerRefusal(ConfigSchema schema, IEnumerable<string> names, bool isForAll)
    {
        string[] fixedNames = [.. names.Where(name => schema.Find(name) is { IsReadOnly: true })];
        if (fixedNames.Length > 0)
        {
            return new Refusal(ErrorCode.InvalidRequest, $"Cannot update these configs dynamically: Set({string.Join(", ", fixedNames)})");
        }

        string[] ofOne = isForAll ? [.. names.Where(name => schema.Find(name) is { IsPerBroker: true })] : [];
        return ofOne.Length == 0
            ? null
            : new Refusal(ErrorCode.InvalidRequest, $"Cannot update these configs at default cluster level, broker id must be specified: Set({string.Join(", ", ofOne)})");
    }

    private static Dictionary<string, string> Differing(Dictionary<string, string> set) =>
        set.Where(entry => BrokerSchema.Schema.Find(entry.Key)?.Default != entry.Value).ToDictionary();

    private static Dictionary<string, string> FromOptions(TestClusterOptions options) => new()
    {
        ["auto.create.topics.enable"] = options.AutoCreateTopics ? "true" : "false",
        ["default.replication.factor"] = Text(options.DefaultReplicationFactor),
        ["fetch.max.bytes"] = Text(options.MaxFetchBytes),
        ["group.consumer.heartbeat.interval.ms"] = Text((long)options.ConsumerGroupHeartbeatInterval.TotalMilliseconds),
        ["group.consumer.session.timeout.ms"] = Text((long)options.ConsumerGroupSessionTimeout.TotalMilliseconds),
        ["group.initial.rebalance.delay.ms"] = Text((long)options.GroupInitialRebalanceDelay.TotalMilliseconds),
        ["group.max.session.timeout.ms"] = Text((long)options.GroupMaxSessionTimeout.TotalMilliseconds),
        ["group.max.size"] = Text(options.GroupMaxSize),
        ["group.min.session.timeout.ms"] = Text((long)options.GroupMinSessionTimeout.TotalMilliseconds),
        ["log.dirs"] = string.Join(',', options.LogDirs),
        ["log.retention.check.interval.ms"] = Text((long)options.LogRetentionCheckInterval.TotalMilliseconds),
        ["message.max.bytes"] = Text(options.MaxMessageBytes),
        ["num.partitions"] = Text(options.DefaultPartitions),
        ["process.roles"] = "broker,controller",
        ["socket.request.max.bytes"] = Text(options.MaxRequestBytes),
        ["transaction.max.timeout.ms"] = Text((long)options.TransactionMaxTimeout.TotalMilliseconds),
        [BrokerSchema.PartitionVerification] = options.TransactionPartitionVerification ? "true" : "false",
    };

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private void Put(ConfigKey key, IReadOnlyDictionary<string, string> set)
    {
        if (set.Count == 0)
        {
            _set.Remove(key);
        }
        else
        {
            _set[key] = set;
        }
    }

    private IEnumerable<ConfigLayer> Layers(ConfigKey key, string name, ConfigDefinition? definition, IReadOnlyDictionary<string, string> set, int brokerId)
    {
        if (key == ConfigKey.AllBrokers)
        {
            return [new ConfigLayer(name, set[name], ConfigSource.DynamicDefaultBroker)];
        }

        if (key.Type == ConfigResourceType.Broker)
        {
            return BrokerLayers(name, brokerId);
        }

        IEnumerable<ConfigLayer> own = set.TryGetValue(name, out string? value) ? [new ConfigLayer(name, value, SourceOf(key.Type))] : [];
        IEnumerable<ConfigLayer> ofBrokers = definition?.BrokerName is { } brokerName ? BrokerLayers(brokerName, brokerId) : [];
        return own.Concat(ofBrokers);
    }

    private static ConfigSource SourceOf(ConfigResourceType type) => type switch
    {
        ConfigResourceType.Topic => ConfigSource.DynamicTopic,
        ConfigResourceType.BrokerLogger => ConfigSource.DynamicBrokerLogger,
        ConfigResourceType.ClientMetrics => ConfigSource.DynamicClientMetrics,
        _ => ConfigSource.DynamicGroup,
    };

    private IEnumerable<ConfigLayer> BrokerLayers(string name, int? brokerId)
    {
        if (brokerId is { } id && SetOn(ConfigKey.Broker(id)).TryGetValue(name, out string? ofOne))
        {
            yield return new ConfigLayer(name, ofOne, ConfigSource.DynamicBroker);
        }

        if (SetOn(ConfigKey.AllBrokers).TryGetValue(name, out string? ofAll))
        {
            yield return new ConfigLayer(name, ofAll, ConfigSource.DynamicDefaultBroker);
        }

        if (_static.TryGetValue(name, out string? written) || (brokerId is { } broker && _ofBroker.GetValueOrDefault(broker)?.TryGetValue(name, out written) == true))
        {
            yield return new ConfigLayer(name, written, ConfigSource.StaticBroker);
        }

        if (BrokerSchema.Schema.Find(name)?.Default is { } normal)
        {
            yield return new ConfigLayer(name, normal, ConfigSource.Default);
        }
    }
}
