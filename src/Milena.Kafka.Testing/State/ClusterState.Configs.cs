using System.Globalization;
using Milena.Kafka.Protocol;
using Milena.Kafka.Testing.Configs;

namespace Milena.Kafka.Testing.State;

/// <content>Settings, and what follows from their change.</content>
internal sealed partial class ClusterState
{
    /// <summary>Changes settings, unless something speaks against it or it is only to be checked. All are changed, or none.</summary>
    public Refusal? AlterConfigs(ConfigKey key, IReadOnlyCollection<ConfigEdit> edits, bool validateOnly)
    {
        lock (_gate)
        {
            if (NameRefusal(key) is { } refusal)
            {
                return refusal;
            }

            // Kafka looks at the settings first and then whether there is such a resource.
            refusal = Configs.Alter(key, edits, validateOnly: true) ?? ExistenceRefusal(key);
            if (refusal is null && !validateOnly)
            {
                Configs.Alter(key, edits, validateOnly: false);
                Follow(key);
                Quorum.Note();
            }

            return refusal;
        }
    }

    /// <summary>Sets what is given and takes back all that is not, as the old AlterConfigs does.</summary>
    public Refusal? ReplaceConfigs(ConfigKey key, IReadOnlyDictionary<string, string> set, bool validateOnly)
    {
        lock (_gate)
        {
            IEnumerable<ConfigEdit> gone = Configs.SetOn(key).Keys.Where(name => !set.ContainsKey(name)).Select(name => new ConfigEdit(name, AlterConfigOp.Delete, null));
            IEnumerable<ConfigEdit> given = set.Select(entry => new ConfigEdit(entry.Key, AlterConfigOp.Set, entry.Value));
            return AlterConfigs(key, [.. gone, .. given], validateOnly);
        }
    }

    /// <summary>What is wrong with the settings of a new topic; null if nothing is.</summary>
    private Refusal? ConfigRefusal(NewTopic wanted, out Dictionary<string, string> set)
    {
        set = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((string name, string? value) in wanted.Configs)
        {
            if (value is not null)
            {
                set[name] = value;
            }
        }

        string[] withoutValue = [.. wanted.Configs.Where(config => config.Value is null).Select(config => config.Key)];
        return withoutValue.Length > 0
            ? new Refusal(ErrorCode.InvalidConfig, $"Null value not supported for topic configs: {string.Join(',', withoutValue)}")
            : TopicSchema.Schema.Check(set, Configs.DefaultOf);
    }

    private static Refusal? NameRefusal(ConfigKey key)
    {
        string? fault = key.Type switch
        {
            ConfigResourceType.Topic when key.Name.Length == 0 => "Default topic resources are not allowed.",
            ConfigResourceType.Group when key.Name.Length == 0 => "Default group resources are not allowed.",
            ConfigResourceType.ClientMetrics when key.Name.Length == 0 => "Subscription name can't be empty",
            ConfigResourceType.Broker when key.Name.Length > 0 && !int.TryParse(key.Name, NumberStyles.None, CultureInfo.InvariantCulture, out _) =>
                "Unable to parse broker name as a base 10 number.",
            _ => null,
        };
        return fault is not null
            ? new Refusal(ErrorCode.InvalidRequest, fault)
            : key.Type == ConfigResourceType.Topic && TopicName.Fault(key.Name) is { } nameFault ? new Refusal(ErrorCode.InvalidTopicException, nameFault) : null;
    }

    private Refusal? ExistenceRefusal(ConfigKey key) => key.Type switch
    {
        ConfigResourceType.Topic when !_topics.ContainsKey(key.Name) => new Refusal(ErrorCode.UnknownTopicOrPartition, $"The topic '{key.Name}' does not exist."),
        ConfigResourceType.Broker when key.Name.Length > 0 && !_brokers.ContainsKey(int.Parse(key.Name, CultureInfo.InvariantCulture)) =>
            new Refusal(ErrorCode.BrokerIdNotRegistered, $"No broker with id {key.Name} found."),
        _ => null,
    };

    /// <summary>Lets topics obey what has changed: their own settings, or the defaults of all.</summary>
    private void Follow(ConfigKey key)
    {
        foreach (TopicState topic in _topics.Values.Where(topic => key == ConfigKey.AllBrokers || (key.Type == ConfigResourceType.Topic && key.Name == topic.Name)))
        {
            topic.Configs = ConfigsOf(Configs.SetOn(new ConfigKey(ConfigResourceType.Topic, topic.Name)));
        }
    }

    private TopicConfigs ConfigsOf(IReadOnlyDictionary<string, string> set) =>
        new(name => set.TryGetValue(name, out string? value) ? value : Configs.DefaultOf(TopicSchema.Schema.Find(name)!));
}
