using Milena.Kafka.Protocol;

namespace Milena.Kafka.Tests.Admin;

/// <summary>Settings of all kinds of resources, end to end, and that the cluster obeys them.</summary>
public class ConfigTests : AdminTest
{
    private static readonly ConfigResource Orders = ConfigResource.Topic("orders");

    [Test]
    public async Task Settings_are_told_with_source_type_meaning_and_what_stands_behind_them()
    {
        Cluster.CreateTopic("orders", configs: new Dictionary<string, string> { ["max.message.bytes"] = "5000" });
        await ChangeAsync(ConfigResource.AllBrokers, ConfigChange.Set("message.max.bytes", "7000"));

        AdminResults<ConfigResource, IReadOnlyDictionary<string, ConfigEntry>> described = await Admin.DescribeConfigsAsync(
            [Orders, ConfigResource.Topic("nowhere")],
            new DescribeConfigsOptions { IncludeSynonyms = true, IncludeDocumentation = true },
            Bound);

        ConfigEntry limit = described[Orders]["max.message.bytes"];
        Assert.That((limit.Value, limit.Source, limit.Type, limit.IsDefault, limit.IsReadOnly, limit.IsSensitive), Is.EqualTo(("5000", ConfigSource.DynamicTopic, ConfigType.Int, false, false, false)));
        Assert.That(limit.Documentation, Is.Not.Empty);
        Assert.That(limit.Synonyms, Is.EqualTo(new[]
        {
            new ConfigSynonym("max.message.bytes", "5000", ConfigSource.DynamicTopic),
            new ConfigSynonym("message.max.bytes", "7000", ConfigSource.DynamicDefaultBroker),
            new ConfigSynonym("message.max.bytes", "1048588", ConfigSource.Default),
        }));
        Assert.That(described[Orders]["retention.ms"].Value, Is.EqualTo("604800000"));
        Assert.That(CodeOf(described, ConfigResource.Topic("nowhere")), Is.EqualTo(ErrorCode.UnknownTopicOrPartition));
    }

    [Test]
    public async Task Only_what_is_asked_for_is_told()
    {
        Cluster.CreateTopic("orders");

        IReadOnlyDictionary<string, ConfigEntry> configs = (await Admin.DescribeConfigsAsync([Orders], new DescribeConfigsOptions { Names = ["retention.ms", "nonsense"] }, Bound))[Orders];

        Assert.That(configs.Keys, Is.EqualTo(new[] { "retention.ms" }));
        Assert.That((configs["retention.ms"].Documentation, configs["retention.ms"].Synonyms.Count), Is.EqualTo(((string?)null, 0)));
    }

    [Test]
    public async Task Brokers_tell_of_themselves_only_and_each_is_asked_itself()
    {
        ConfigResource first = ConfigResource.Broker(1);
        ConfigResource third = ConfigResource.Broker(3);
        await ChangeAsync(third, ConfigChange.Set("log.cleaner.threads", "4"));

        AdminResults<ConfigResource, IReadOnlyDictionary<string, ConfigEntry>> described = await Admin.DescribeConfigsAsync([first, third, ConfigResource.AllBrokers], cancellationToken: Bound);

        Assert.That((described[first]["node.id"].Value, described[third]["node.id"].Value), Is.EqualTo(("1", "3")));
        Assert.That(described[first]["node.id"], Has.Property("IsReadOnly").True.And.Property("Source").EqualTo(ConfigSource.StaticBroker));
        Assert.That((described[first]["log.cleaner.threads"].Source, described[third]["log.cleaner.threads"].Source), Is.EqualTo((ConfigSource.Default, ConfigSource.DynamicBroker)));
        Assert.That(described[AllBrokers()], Is.Empty);
        Assert.That(Cluster.Received(ApiKey.IncrementalAlterConfigs).Single().BrokerId, Is.EqualTo(3));
    }

    [Test]
    public async Task Settings_are_set_taken_back_and_lists_grow_and_shrink()
    {
        Cluster.CreateTopic("orders");

        await ChangeAsync(Orders, ConfigChange.Set("retention.ms", "1000"), ConfigChange.Append("cleanup.policy", "compact"));
        Assert.That(await ValueAsync(Orders, "cleanup.policy"), Is.EqualTo("delete,compact"));
        await ChangeAsync(Orders, ConfigChange.Subtract("cleanup.policy", "delete"));

        Assert.That((await ValueAsync(Orders, "cleanup.policy"), await ValueAsync(Orders, "retention.ms")), Is.EqualTo(("compact", "1000")));
        await ChangeAsync(Orders, ConfigChange.Delete("retention.ms"));
        Assert.That(await ValueAsync(Orders, "retention.ms"), Is.EqualTo("604800000"));
    }

    [Test]
    public async Task A_call_that_only_validates_changes_nothing()
    {
        Cluster.CreateTopic("orders");
        var changes = new Dictionary<ConfigResource, IReadOnlyCollection<ConfigChange>> { [Orders] = [ConfigChange.Set("retention.ms", "1")] };

        AdminOutcome<ConfigResource> outcome = await Admin.AlterConfigsAsync(changes, new AdminChangeOptions { ValidateOnly = true }, Bound);

        Assert.That(outcome.Succeeded, Is.EqualTo(new[] { Orders }));
        Assert.That(await ValueAsync(Orders, "retention.ms"), Is.EqualTo("604800000"));
    }

    [TestCase("retention.ms", "soon", "Invalid value soon for configuration retention.ms: Not a number of type LONG")]
    [TestCase("retention.ms", "-2", "Invalid value -2 for configuration retention.ms: Value must be at least -1")]
    [TestCase("min.insync.replicas", "0", "Invalid value 0 for configuration min.insync.replicas: Value must be at least 1")]
    [TestCase("min.cleanable.dirty.ratio", "1.5", "Invalid value 1.5 for configuration min.cleanable.dirty.ratio: Value must be no more than 1")]
    [TestCase("cleanup.policy", "delete,shred", "Invalid value shred for configuration cleanup.policy: String must be one of: compact, delete")]
    [TestCase("preallocate", "maybe", "Invalid value maybe for configuration preallocate: Expected value to be either true or false")]
    [TestCase("message.timestamp.type", "Never", "Invalid value Never for configuration message.timestamp.type: String must be one of: CreateTime, LogAppendTime")]
    [TestCase("nonsense", "1", "Unknown topic config name: nonsense")]
    public async Task An_impossible_setting_is_refused_in_Kafkas_words_and_nothing_of_its_resource_changes(string name, string value, string words)
    {
        Cluster.CreateTopic("orders");

        AdminOutcome<ConfigResource> outcome = await AlterAsync(Orders, ConfigChange.Set("segment.bytes", "20000"), ConfigChange.Set(name, value));

        Assert.That(FailureOf(outcome, Orders), Has.Property("Code").EqualTo(ErrorCode.InvalidConfig).And.Message.Contains(words));
        Assert.That(await ValueAsync(Orders, "segment.bytes"), Is.EqualTo("1073741824"));
    }

    [Test]
    public async Task Each_resource_fails_for_itself()
    {
        Cluster.CreateTopic("orders");
        ConfigResource nowhere = ConfigResource.Topic("nowhere");
        var changes = new Dictionary<ConfigResource, IReadOnlyCollection<ConfigChange>>
        {
            [Orders] = [ConfigChange.Set("retention.ms", "1")],
            [nowhere] = [ConfigChange.Set("retention.ms", "1")],
            [ConfigResource.Broker(1)] = [ConfigChange.Set("num.partitions", "3")],
            [ConfigResource.AllBrokers] = [ConfigChange.Set("sasl.jaas.config", "x")],
            [ConfigResource.Group("g")] = [ConfigChange.Append("consumer.session.timeout.ms", "1")],
        };

        AdminOutcome<ConfigResource> outcome = await Admin.AlterConfigsAsync(changes, cancellationToken: Bound);

        Assert.That(outcome.Succeeded, Is.EqualTo(new[] { Orders }));
        Assert.That(FailureOf(outcome, nowhere), Has.Property("Code").EqualTo(ErrorCode.UnknownTopicOrPartition).And.Message.Contains("'nowhere' does not exist"));
        Assert.That(FailureOf(outcome, ConfigResource.Broker(1)), Has.Property("Code").EqualTo(ErrorCode.InvalidRequest).And.Message.Contains("Cannot update these configs dynamically: Set(num.partitions)"));
        Assert.That(FailureOf(outcome, ConfigResource.AllBrokers).Message, Does.Contain("broker id must be specified"));
        Assert.That(FailureOf(outcome, ConfigResource.Group("g")).Message, Does.Contain("Can't APPEND to key consumer.session.timeout.ms because its type is not LIST"));
    }

    [Test]
    public async Task Secrets_are_never_told()
    {
        ConfigResource broker = ConfigResource.Broker(2);
        await ChangeAsync(broker, ConfigChange.Set("ssl.keystore.password", "secret"), ConfigChange.Set("my.plugin.token", "secret"));

        IReadOnlyDictionary<string, ConfigEntry> configs = (await Admin.DescribeConfigsAsync([broker], new DescribeConfigsOptions { IncludeSynonyms = true }, Bound))[broker];

        foreach (string name in (string[])["ssl.keystore.password", "my.plugin.token"])
        {
            Assert.That(configs[name], Has.Property("IsSensitive").True.And.Property("Value").Null);
            Assert.That(configs[name].Synonyms, Has.All.Property("Value").Null);
        }
    }

    [Test]
    public async Task Loggers_have_levels_until_these_are_taken_back()
    {
        ConfigResource loggers = ConfigResource.BrokerLogger(2);

        await ChangeAsync(loggers, ConfigChange.Set("kafka.controller", "DEBUG"));
        ConfigEntry level = (await Admin.DescribeConfigsAsync([loggers], cancellationToken: Bound))[loggers]["kafka.controller"];

        Assert.That((level.Value, level.Source), Is.EqualTo(("DEBUG", ConfigSource.DynamicBrokerLogger)));
        Assert.That(FailureOf(await AlterAsync(loggers, ConfigChange.Set("kafka.controller", "LOUD")), loggers).Message, Does.Contain("Valid log levels are"));
        Assert.That(FailureOf(await AlterAsync(loggers, ConfigChange.Set("none", "INFO")), loggers).Message, Does.Contain("Logger none does not exist!"));
        Assert.That(CodeOf(await AlterAsync(loggers, ConfigChange.Delete("root")), loggers), Is.EqualTo(ErrorCode.InvalidRequest));
        await ChangeAsync(loggers, ConfigChange.Delete("kafka.controller"));
        Assert.That(await ValueAsync(loggers, "kafka.controller"), Is.EqualTo("INFO"));
    }

    [Test]
    public async Task Groups_and_subscriptions_have_settings_though_nobody_has_met_them()
    {
        ConfigResource group = ConfigResource.Group("billing");
        ConfigResource metrics = ConfigResource.ClientMetrics("all");

        await ChangeAsync(group, ConfigChange.Set("consumer.session.timeout.ms", "60000"));
        await ChangeAsync(metrics, ConfigChange.Set("interval.ms", "1000"), ConfigChange.Set("match", "client_id=app.*"), ConfigChange.Set("metrics", "*"));

        Assert.That((await Admin.DescribeConfigsAsync([group], cancellationToken: Bound))[group]["consumer.session.timeout.ms"], Has.Property("Source").EqualTo(ConfigSource.DynamicGroup).And.Property("Value").EqualTo("60000"));
        Assert.That((await Admin.DescribeConfigsAsync([metrics], cancellationToken: Bound))[metrics].Keys, Is.EqualTo(new[] { "interval.ms", "match", "metrics" }));
        Assert.That(FailureOf(await AlterAsync(metrics, ConfigChange.Set("match", "colour=red")), metrics).Message, Does.Contain("Illegal client matching pattern: colour=red"));
        Assert.That(CodeOf(await AlterAsync(group, ConfigChange.Set("consumer.session.timeout.ms", "1")), group), Is.EqualTo(ErrorCode.InvalidConfig));
    }

    [Test]
    public async Task Resources_with_settings_are_listed_by_kind()
    {
        Cluster.CreateTopic("orders");
        await ChangeAsync(ConfigResource.ClientMetrics("all"), ConfigChange.Set("metrics", "*"));
        await ChangeAsync(ConfigResource.Group("billing"), ConfigChange.Set("consumer.session.timeout.ms", "60000"));

        IReadOnlyList<ConfigResource> all = await Admin.ListConfigResourcesAsync(cancellationToken: Bound);
        IReadOnlyList<ConfigResource> some = await Admin.ListConfigResourcesAsync([ConfigResourceType.Group, ConfigResourceType.ClientMetrics], cancellationToken: Bound);

        Assert.That(all, Is.EquivalentTo(new[]
        {
            Orders, ConfigResource.Broker(1), ConfigResource.Broker(2), ConfigResource.Broker(3), ConfigResource.BrokerLogger(1), ConfigResource.BrokerLogger(2), ConfigResource.BrokerLogger(3),
            ConfigResource.ClientMetrics("all"), ConfigResource.Group("billing"),
        }));
        Assert.That(some, Is.EquivalentTo(new[] { ConfigResource.ClientMetrics("all"), ConfigResource.Group("billing") }));
    }

    [Test]
    public async Task Brokers_from_before_KIP_1142_list_subscriptions_alone()
    {
        await ChangeAsync(ConfigResource.ClientMetrics("all"), ConfigChange.Set("metrics", "*"));
        Cluster.MaxVersion(ApiKey.ListConfigResources, 0);
        await using var old = new KafkaClient(Cluster.BootstrapServers);

        Assert.That(await old.CreateAdmin().ListConfigResourcesAsync([ConfigResourceType.ClientMetrics], cancellationToken: Bound), Is.EqualTo(new[] { ConfigResource.ClientMetrics("all") }));
        Assert.That(async () => await old.CreateAdmin().ListConfigResourcesAsync(cancellationToken: Bound), Throws.TypeOf<UnsupportedVersionException>());
    }

    [Test]
    public async Task Old_brokers_say_only_whether_a_value_is_the_default()
    {
        Cluster.CreateTopic("orders", configs: new Dictionary<string, string> { ["retention.ms"] = "1" });
        Cluster.MaxVersion(ApiKey.DescribeConfigs, 0);

        IReadOnlyDictionary<string, ConfigEntry> configs = (await Admin.DescribeConfigsAsync([Orders], new DescribeConfigsOptions { IncludeSynonyms = true }, Bound))[Orders];

        Assert.That((configs["retention.ms"].Source, configs["segment.ms"].Source), Is.EqualTo((ConfigSource.DynamicTopic, ConfigSource.Default)));
        Assert.That(
            FailureOf(await Admin.DescribeConfigsAsync([Orders], new DescribeConfigsOptions { IncludeDocumentation = true }, Bound), Orders),
            Is.TypeOf<UnsupportedVersionException>());
    }

    [Test]
    public async Task Brokers_without_incremental_changes_are_not_given_whole_sets_instead()
    {
        Cluster.CreateTopic("orders");
        Cluster.HideApi(ApiKey.IncrementalAlterConfigs);

        Assert.That(FailureOf(await AlterAsync(Orders, ConfigChange.Set("retention.ms", "1")), Orders), Is.TypeOf<UnsupportedVersionException>());
        Assert.That(Cluster.Received(ApiKey.AlterConfigs), Is.Empty);
    }

    [Test]
    public async Task A_changed_limit_is_obeyed_from_the_next_batch_on()
    {
        Cluster.CreateTopic("orders");
        await ProduceAsync("orders", ("k", new string('x', 2000)));

        await ChangeAsync(Orders, ConfigChange.Set("max.message.bytes", "1000"));
        Assert.That(async () => await ProduceAsync("orders", ("k", new string('x', 2000))), Throws.TypeOf<DeliveryException>().With.Property("Code").EqualTo(ErrorCode.MessageTooLarge));
        await ChangeAsync(Orders, ConfigChange.Delete("max.message.bytes"));
        await ChangeAsync(ConfigResource.AllBrokers, ConfigChange.Set("message.max.bytes", "1000"));

        Assert.That(async () => await ProduceAsync("orders", ("k", new string('x', 2000))), Throws.TypeOf<DeliveryException>().With.Property("Code").EqualTo(ErrorCode.MessageTooLarge));
    }

    [Test]
    public async Task A_changed_timestamp_type_is_obeyed_from_the_next_batch_on()
    {
        Cluster.CreateTopic("orders");
        await ChangeAsync(Orders, ConfigChange.Set("message.timestamp.type", "LogAppendTime"));

        await ProduceAsync("orders", ("k", "v"));

        Assert.That(Cluster.Batches("orders", 0)[0].TimestampType, Is.EqualTo(TimestampType.LogAppendTime));
    }

    [Test]
    public async Task Too_few_replicas_in_sync_refuse_records_that_all_must_have()
    {
        Cluster.CreateTopic("orders", replicationFactor: 3);
        await ChangeAsync(Orders, ConfigChange.Set("min.insync.replicas", "3"));
        await Cluster.StopBrokerAsync(Cluster.Leader("orders", 0));
        await using Producer<string, string> producer = Kafka.CreateProducer<string, string>(new ProducerOptions { DeliveryTimeout = TimeSpan.FromSeconds(2), Linger = TimeSpan.Zero });

        Assert.That(async () => await producer.ProduceAsync("orders", "k", "v", Bound), Throws.TypeOf<DeliveryException>().With.Property("Code").EqualTo(ErrorCode.NotEnoughReplicas));
        Assert.That(Stored("orders"), Is.Empty);
    }

    private static ConfigResource AllBrokers() => ConfigResource.AllBrokers;

    private Task<AdminOutcome<ConfigResource>> AlterAsync(ConfigResource resource, params ConfigChange[] changes) =>
        Admin.AlterConfigsAsync(new Dictionary<ConfigResource, IReadOnlyCollection<ConfigChange>> { [resource] = changes }, cancellationToken: Bound);

    private async Task ChangeAsync(ConfigResource resource, params ConfigChange[] changes) => (await AlterAsync(resource, changes)).ThrowIfAnyFailed();

    private async Task<string?> ValueAsync(ConfigResource resource, string name) =>
        (await Admin.DescribeConfigsAsync([resource], cancellationToken: Bound))[resource][name].Value;
}
