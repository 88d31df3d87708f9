using Milena.Kafka.Protocol;
using Milena.Kafka.Testing;

namespace Milena.Kafka.Cli.Tests.Verbs;

/// <summary>The trial of every verb.</summary>
internal static class VerbTrials
{
    private const string Id = "AAAAAAAAAAAAAAAAAAAAAQ";

    private static readonly TopicPartition Viewed = new(VerbStage.Topic, 0);

    public static VerbTrial[] All { get; } = [.. Records(), .. Topics(), .. Groups(), .. ShareGroups(), .. Access(), .. Cluster(), .. Reassignments(), .. Transactions()];

    /// <summary>A number for a form, where a name will not do.</summary>
    public static int NumberOf(string form) => Array.IndexOf(["", "tty", "pipe", "json"], form);

    private static VerbTrial Table(string line, string heads, string row) => new(line, row) { Heads = heads };

    private static IEnumerable<VerbTrial> Records() =>
    [
        new("broker --port 0", @"^ready 127\.0\.0\.1:\d+$") { Seen = @"^ready 127\.0\.0\.1:\d+\n", Until = "ready", ExitCode = 130, NamesCluster = false },
        new("completion bash", "complete -F _milena milena") { Seen = "complete -F _milena milena", NamesCluster = false },
        new("produce into-{0}", "^$")
        {
            Seen = "\r2 records, ",
            Input = "one\ntwo\n",
            After = async (stage, form) =>
            {
                await Task.CompletedTask;
                Assert.That(stage.Cluster.Records($"into-{form}", 0).Select(r => System.Text.Encoding.UTF8.GetString(r.Value!.Value.Span)), Is.EqualTo(new[] { "one", "two" }));
            },
        },
        new("consume viewed --until-end --format %o:%k=%s", "^0:k=v0\n1:k=v1\n2:k=v2\n$") { Seen = "^0:k=v0\n1:k=v1\n2:k=v2\n$" },
        new("perf produce perf-{0} --count 2000", @"^2000 records sent, [\d.]+ records/sec .* 99\.9th\.\n$")
        {
            Seen = @"\r\[########################\] 100% 2,000 records, .*\n2000 records sent, ",
            After = (stage, form) => Stored(stage, $"perf-{form}", 2000),
        },
        new("perf consume viewed", @"^3\t[\d.]+\t[\d.]+\t[\d.]+\n$") { Seen = @"\r3 records, .*\nRECORDS  SECONDS  RECORDS PER SECOND  MEGABYTES PER SECOND\n +3 " },
        new("verify produce proven-{0} --count 10", "^10 records: 10 stored, 0 failed, 0 unknown\n$")
        {
            Seen = "10 records: 10 stored, 0 failed, 0 unknown\n",
            After = (stage, form) => Stored(stage, $"proven-{form}", 10),
        },
        new("verify consume viewed --group watchers-{0}", "^assigned 0\nrecord 0 0\nrecord 0 1\nrecord 0 2\n")
        {
            Seen = "assigned 0\nrecord 0 0\nrecord 0 1\nrecord 0 2\n",
            Until = "record 0 2",
            ExitCode = 130,
            After = (stage, form) => Committed(stage, $"watchers-{form}", 3),
        },
        new("verify transform viewed copied-{0} --group copiers-{0} --transactional-id copier-{0}", @"^assigned 0\n(committed 0:\S+\n)*committed 0:\d-3\n")
        {
            Seen = @"assigned 0\n(committed 0:\S+\n)*committed 0:\d-3\n",
            Until = "-3",
            ExitCode = 130,
            After = (stage, form) => Committed(stage, $"copiers-{form}", 3),
        },
    ];

    private static IEnumerable<VerbTrial> Topics() =>
    [
        Table("topics list", "TOPIC  ID  INTERNAL", @"viewed\t[\w-]+\tfalse"),
        Table("topics describe viewed", "TOPIC  PARTITION  LEADER  LEADER EPOCH  REPLICAS  IN SYNC  OFFLINE  ELIGIBLE", @"viewed\t0\t1\t0\t1\t1\t-\t-"),
        Table("topics create made-{0} --partitions 2", "TOPIC  RESULT", @"made-{0}\tcreated") with
        {
            After = async (stage, form) => Assert.That((await stage.DescribeAsync($"made-{form}")).Partitions, Has.Count.EqualTo(2)),
        },
        Table("topics delete gone-{0}", "TOPIC  RESULT", @"gone-{0}\tdeleted") with
        {
            Before = (stage, form) => stage.TopicAsync($"gone-{form}"),
            After = async (stage, form) => Assert.That((await stage.Admin.ListTopicsAsync()).Select(t => t.Name), Has.None.EqualTo($"gone-{form}")),
        },
        Table("topics add-partitions grown-{0} --total 3", "TOPIC  RESULT", @"grown-{0}\thas more") with
        {
            Before = (stage, form) => stage.TopicAsync($"grown-{form}"),
            After = async (stage, form) => Assert.That((await stage.DescribeAsync($"grown-{form}")).Partitions, Has.Count.EqualTo(3)),
        },
        Table("topics delete-records trimmed-{0} --before 0=1", "TOPIC  PARTITION  LOG START", @"trimmed-{0}\t0\t1") with
        {
            Before = (stage, form) => stage.TopicAsync($"trimmed-{form}", records: 2),
            After = async (stage, form) => Assert.That((await stage.Admin.ListOffsetsAsync(
                new Dictionary<TopicPartition, OffsetSpec> { [new($"trimmed-{form}", 0)] = OffsetSpec.Earliest })).Values.Single().Value.Offset, Is.EqualTo(1)),
        },
        Table("configs list", "KIND  NAME", @"topic\tviewed"),
        Table("configs describe topic viewed --all", "NAME  VALUE  SOURCE  TYPE  READ ONLY  SYNONYMS", @"cleanup\.policy\tdelete\tDefault\tList\tfalse\tDefault:log\.cleanup\.policy=delete"),
        Table("configs alter topic set-{0} --set retention.ms=5000", "RESOURCE  RESULT", @"Topic set-{0}\tchanged") with
        {
            Before = (stage, form) => stage.TopicAsync($"set-{form}"),
            After = async (stage, form) =>
            {
                ConfigResource topic = new(ConfigResourceType.Topic, $"set-{form}");
                Assert.That((await stage.Admin.DescribeConfigsAsync([topic]))[topic]["retention.ms"].Value, Is.EqualTo("5000"));
            },
        },
        Table("offsets viewed", "TOPIC  PARTITION  OFFSET  TIMESTAMP  LEADER EPOCH", @"viewed\t0\t3\t-\t0"),
    ];

    private static IEnumerable<VerbTrial> Groups() =>
    [
        Table("groups list", "GROUP  TYPE  STATE  PROTOCOL TYPE  COORDINATOR", @"residents\tClassic\tStable\tconsumer\t\d"),
        Table("groups describe viewers", "GROUP  STATE  TOPIC  PARTITION  OFFSET  END  LAG  MEMBER  CLIENT  HOST", @"viewers\tEmpty\tviewed\t0\t1\t3\t2\t-\t-\t-"),
        Table("groups members residents", "GROUP  STATE  TYPE  ASSIGNOR  MEMBER  INSTANCE  CLIENT  HOST  EPOCH  PARTITIONS", @"residents\tStable\tClassic\trange\tstatue-\S+\tstatue\t\S+\t\S+\t\S+\tviewed-0"),
        Table("groups delete left-{0}", "GROUP  RESULT", @"left-{0}\tdeleted") with
        {
            Before = (stage, form) => stage.GroupAsync($"left-{form}"),
            After = async (stage, form) => Assert.That((await stage.Admin.ListGroupsAsync()).Items.Select(g => g.GroupId), Has.None.EqualTo($"left-{form}")),
        },
        Table("groups remove-members moved-{0} --instance statue", "MEMBER  RESULT", @"static member 'statue'\tremoved") with
        {
            Before = (stage, form) => stage.MemberAsync($"moved-{form}", stays: false),
            After = async (stage, form) => Assert.That((await stage.Admin.DescribeConsumerGroupsAsync([$"moved-{form}"]))[$"moved-{form}"].Members, Is.Empty),
        },
        Table("groups reset-offsets reset-{0} --to latest --execute", "TOPIC  PARTITION  BEFORE  AFTER  LOG START  LOG END  RESULT", @"viewed\t0\t1\t3\t0\t3\treset") with
        {
            Before = (stage, form) => stage.GroupAsync($"reset-{form}"),
            After = (stage, form) => Committed(stage, $"reset-{form}", 3),
        },
        Table("groups delete-offsets forgot-{0} --topic viewed", "PARTITION  RESULT", @"viewed-0\tdeleted") with
        {
            Before = (stage, form) => stage.GroupAsync($"forgot-{form}"),
            After = (stage, form) => Committed(stage, $"forgot-{form}", -1),
        },
    ];

    private static IEnumerable<VerbTrial> ShareGroups() =>
    [
        // Nobody can join a share group of the embedded cluster, and there are no groups of Kafka Streams.
        Table("groups share-members sharers", "GROUP  STATE  ASSIGNOR  MEMBER  CLIENT  HOST  EPOCH  TOPICS  PARTITIONS", ""),
        new("groups streams-members flows", "^$") { Seen = "^GROUP  STATE  MEMBER  .*\nmilena: Describing Streams group 'flows': Group flows is not a streams group\\. \\(GROUP_ID_NOT_FOUND\\)\n$", ExitCode = 2 },
        Table("groups share-offsets shown-{0}", "TOPIC  PARTITION  START OFFSET  LAG", @"viewed\t0\t2\t(1|-)") with { Before = (stage, form) => ShareAsync(stage, $"shown-{form}") },
        Table("groups alter-share-offsets shared-{0} --offset viewed:0=1", "PARTITION  RESULT", @"viewed-0\tmoved") with
        {
            Before = (stage, form) => ShareAsync(stage, $"shared-{form}"),
            After = async (stage, form) => Assert.That((await stage.Admin.ListShareGroupOffsetsAsync($"shared-{form}")).Values[Viewed]!.StartOffset, Is.EqualTo(1)),
        },
        Table("groups delete-share-offsets unshared-{0} --topic viewed", "TOPIC  RESULT", @"viewed\tdeleted") with
        {
            Before = (stage, form) => ShareAsync(stage, $"unshared-{form}"),
            After = async (stage, form) => Assert.That((await stage.Admin.ListShareGroupOffsetsAsync($"unshared-{form}")).Values.GetValueOrDefault(Viewed), Is.Null),
        },
    ];

    private static IEnumerable<VerbTrial> Access() =>
    [
        Table("acls list", "RESOURCE  NAME  PATTERN  PRINCIPAL  HOST  OPERATION  PERMISSION", @"Topic\tviewed\tLiteral\tUser:reader\t\*\tRead\tAllow"),
        Table("acls create --topic viewed --principal User:new-{0} --operation write", "RESOURCE  NAME  PATTERN  PRINCIPAL  HOST  OPERATION  PERMISSION", @"Topic\tviewed\tLiteral\tUser:new-{0}\t\*\tWrite\tAllow") with
        {
            After = async (stage, form) => Assert.That(await RulesAsync(stage, $"User:new-{form}"), Has.Count.EqualTo(1)),
        },
        Table("acls delete --principal User:old-{0} --execute", "RESOURCE  NAME  PATTERN  PRINCIPAL  HOST  OPERATION  PERMISSION  RESULT", @"Topic\tviewed\tLiteral\tUser:old-{0}\t\*\tRead\tAllow\tdeleted") with
        {
            Before = async (stage, form) => (await stage.Admin.CreateAclsAsync([new AclBinding(ResourceType.Topic, VerbStage.Topic, $"User:old-{form}", AclOperation.Read)])).ThrowIfAnyFailed(),
            After = async (stage, form) => Assert.That(await RulesAsync(stage, $"User:old-{form}"), Is.Empty),
        },
        Table("users list", "USER  MECHANISM  ITERATIONS", @"keeper\tSCRAM-SHA-512\t4096"),
        Table("users set added-{0}", "USER  RESULT", @"added-{0}\tset") with
        {
            Input = "a-secret-{0}\n",
            Prompt = "Password: ",
            After = async (stage, form) => Assert.That((await stage.Admin.DescribeScramUsersAsync([$"added-{form}"]))[$"added-{form}"], Has.Count.EqualTo(1)),
        },
        Table("users delete dropped-{0}", "USER  RESULT", @"dropped-{0}\tdeleted") with
        {
            Before = async (stage, form) => (await stage.Admin.AlterScramUsersAsync([ScramCredentialChange.Set($"dropped-{form}", ScramMechanism.ScramSha512, "a secret")])).ThrowIfAnyFailed(),
            After = async (stage, form) => Assert.That((await stage.Admin.DescribeScramUsersAsync()).Values.Keys, Has.None.EqualTo($"dropped-{form}")),
        },
        Table("quotas list", "USER  CLIENT ID  IP  QUOTA  VALUE", @"limited\t-\t-\tproducer_byte_rate\t1024"),
        Table("quotas set --user bound-{0} --set consumer_byte_rate=2048", "QUOTA  RESULT", @"user 'bound-{0}'\tchanged") with
        {
            After = async (stage, form) => Assert.That(
                (await stage.Admin.DescribeClientQuotasAsync(new ClientQuotaFilter { Components = [ClientQuotaFilterComponent.Named(ClientQuotaEntity.UserType, $"bound-{form}")] })).Single().Value["consumer_byte_rate"],
                Is.EqualTo(2048)),
        },
        Table("tokens create --max-lifetime PT6H", "TOKEN  HMAC  OWNER  EXPIRES  MAX EXPIRES", @"[\w-]+\t[\w+/=]+\tUser:admin\t\d\S+\t\d\S+"),
        Table("tokens list", "TOKEN  OWNER  REQUESTER  RENEWERS  ISSUED  EXPIRES  MAX EXPIRES", @"[\w-]+\tUser:admin\tUser:admin\t-\t\d\S+\t\d\S+\t\d\S+"),
        Table("tokens renew --for PT1H", "EXPIRES  RESULT", @"\d{4}-\S+\trenewed") with { Input = "{hmac}\n", Prompt = "HMAC: ", Before = (stage, _) => stage.TokenAsync() },
        Table("tokens expire", "EXPIRES  RESULT", @"\d{4}-\S+\texpired") with
        {
            Input = "{hmac}\n",
            Prompt = "HMAC: ",
            Before = (stage, _) => stage.TokenAsync(),
            After = async (stage, _) => Assert.That((await stage.Admin.DescribeDelegationTokensAsync()).Select(t => t.Password), Has.None.EqualTo(stage.Hmac)),
        },
    ];

    private static IEnumerable<VerbTrial> Cluster() =>
    [
        Table("cluster describe", "CLUSTER  BROKER  HOST  PORT  RACK  CONTROLLER  FENCED", @"[\w-]+\t2\t127\.0\.0\.1\t\d+\t-\t(true|false)\tfalse"),
        Table("cluster features", "FEATURE  SUPPORTED MIN  SUPPORTED MAX  LEVEL", @"group\.version\t0\t1\t1"),
        Table("cluster update-feature transaction.version 1 --downgrade unsafe", "FEATURE  RESULT", @"transaction\.version\tupdated") with
        {
            Before = async (stage, _) => await LevelAsync(stage, 2),
            After = async (stage, _) =>
            {
                Assert.That((await stage.Admin.DescribeFeaturesAsync()).Finalized["transaction.version"].Max, Is.EqualTo(1));
                await LevelAsync(stage, 2);
            },
        },
        Table("cluster quorum", "NODE  DIRECTORY  ROLE  LOG END  LAG  LAST FETCH  LAST CAUGHT UP", @"\d\t[\w-]+\tleader\t\d+\t0\t\S+\t\S+"),
        Table($"cluster add-voter 4{{1}} {Id} --endpoint CONTROLLER=new:9093", "VOTER  RESULT", @"4{1}\tadded") with
        {
            After = async (stage, form) => Assert.That(await VotersAsync(stage), Does.Contain(40 + NumberOf(form))),
        },
        Table($"cluster remove-voter 5{{1}} {Id}", "VOTER  RESULT", @"5{1}\tremoved") with
        {
            Before = (stage, form) => stage.Admin.AddRaftVoterAsync(50 + NumberOf(form), new Guid("00000000-0000-0000-0000-000000000001"), [new RaftEndpoint("CONTROLLER", "old", 9093)]),
            After = async (stage, form) => Assert.That(await VotersAsync(stage), Has.None.EqualTo(50 + NumberOf(form))),
        },
        // 4 to 7 are down; 7 is wanted by the moves that never end.
        Table("cluster unregister {2}", "BROKER  RESULT", @"{2}\tunregistered") with
        {
            After = async (stage, form) => Assert.That(
                (await stage.Admin.DescribeClusterAsync(new DescribeClusterOptions { IncludeFencedBrokers = true })).Brokers.Select(b => b.Id), Has.None.EqualTo(3 + NumberOf(form)).And.Some.EqualTo(7)),
        },
        Table("cluster log-dirs --broker 1", "BROKER  DIR  TOPIC  PARTITION  SIZE  LAG  FUTURE  ERROR", @"1\t/data/a\tviewed\t0\t\d+\t0\tfalse\t-"),
        Table("cluster instance-id", "INSTANCE  RESULT", @"[0-9a-f-]{36}\tgiven"),
    ];

    private static IEnumerable<VerbTrial> Reassignments() =>
    [
        Table("reassign list", "TOPIC  PARTITION  REPLICAS  ADDING  REMOVING", @"travelling\t0\t7,1\t7\t-"),
        Table("reassign move moved-{0}:0=2", "PARTITION  RESULT", @"moved-{0}-0\tis being moved") with
        {
            Before = (stage, form) => stage.TopicAsync($"moved-{form}"),
            After = async (stage, form) => Assert.That((await stage.DescribeAsync($"moved-{form}")).Partitions[0].Replicas, Is.EqualTo(new[] { 2 })),
        },
        Table("reassign cancel stuck-{0}", "PARTITION  RESULT", @"stuck-{0}-0\tcancelled") with
        {
            Before = (stage, form) => stage.MoveForEverAsync($"stuck-{form}"),
            After = async (stage, form) => Assert.That((await stage.Admin.ListPartitionReassignmentsAsync()).Keys.Select(p => p.Topic), Has.None.EqualTo($"stuck-{form}")),
        },
        Table("reassign elect elected-{0}", "PARTITION  RESULT", @"elected-{0}-0\telected") with
        {
            Before = async (stage, form) =>
            {
                await stage.TopicAsync($"elected-{form}", 0, 1, 2);
                stage.Cluster.MoveLeader($"elected-{form}", 0, 2);
            },
            After = (stage, form) =>
            {
                Assert.That(stage.Cluster.Leader($"elected-{form}", 0), Is.EqualTo(1));
                return Task.CompletedTask;
            },
        },
        Table("reassign replica-dirs viewed:0@1", "TOPIC  PARTITION  BROKER  DIR  LAG  FUTURE DIR  FUTURE LAG", @"viewed\t0\t1\t/data/a\t0\t-\t-1"),
        Table("reassign move-dir shifted-{0}:0@1=/data/b", "REPLICA  RESULT", @"shifted-{0}-0 on broker 1\tis being moved") with
        {
            Before = (stage, form) => stage.TopicAsync($"shifted-{form}"),
            After = async (stage, form) =>
            {
                var replica = new TopicPartitionReplica($"shifted-{form}", 0, 1);
                Assert.That((await stage.Admin.DescribeReplicaLogDirsAsync([replica]))[replica].Current, Is.EqualTo("/data/b"));
            },
        },
    ];

    private static IEnumerable<VerbTrial> Transactions() =>
    [
        Table("transactions list", "TRANSACTIONAL ID  STATE  PRODUCER ID  COORDINATOR", @"teller\tOngoing\t\d+\t\d"),
        Table("transactions describe teller", "TRANSACTIONAL ID  STATE  PRODUCER ID  EPOCH  TIMEOUT MS  STARTED  COORDINATOR  PARTITIONS", @"teller\tOngoing\t\d+\t\d+\t600000\t\d\S+\t\d\tof-teller-0"),
        Table("transactions producers of-teller", "TOPIC  PARTITION  PRODUCER ID  EPOCH  COORDINATOR EPOCH  LAST SEQUENCE  LAST TIMESTAMP  TRANSACTION START", @"of-teller\t0\t\d+\t\d+\t\S+\t0\t\d\S+\t0"),
        Table("transactions abort of-hung-{0}:0 --start-offset 0", "PRODUCER ID  RESULT", @"\d+\taborted") with
        {
            Before = (stage, form) => stage.TransactionAsync($"hung-{form}"),
            After = (stage, form) => Ended(stage, $"hung-{form}"),
        },
        Table("transactions fence fenced-{0}", "TRANSACTIONAL ID  PRODUCER ID  EPOCH  RESULT", @"fenced-{0}\t\d+\t\d+\tfenced") with
        {
            Before = (stage, form) => stage.TransactionAsync($"fenced-{form}"),
            After = (stage, form) => Ended(stage, $"fenced-{form}"),
        },
        Table("transactions terminate ended-{0}", "TRANSACTIONAL ID  RESULT", @"ended-{0}\tterminated") with
        {
            Before = (stage, form) => stage.TransactionAsync($"ended-{form}"),
            After = (stage, form) => Ended(stage, $"ended-{form}"),
        },
    ];

    private static Task Stored(VerbStage stage, string topic, int records)
    {
        Assert.That(Enumerable.Range(0, stage.Cluster.PartitionCount(topic)).Sum(p => stage.Cluster.EndOffset(topic, p)), Is.EqualTo(records));
        return Task.CompletedTask;
    }

    private static Task Committed(VerbStage stage, string group, long offset)
    {
        Assert.That(stage.Cluster.CommittedOffset(group, VerbStage.Topic, 0), Is.EqualTo(offset));
        return Task.CompletedTask;
    }

    /// <summary>No transaction is open in the topic of this one any more.</summary>
    private static Task Ended(VerbStage stage, string id)
    {
        Assert.That(stage.Cluster.LastStableOffset($"of-{id}", 0), Is.EqualTo(stage.Cluster.EndOffset($"of-{id}", 0)));
        return Task.CompletedTask;
    }

    private static async Task ShareAsync(VerbStage stage, string group)
    {
        stage.Cluster.CreateShareGroup(group);
        (await stage.Admin.AlterShareGroupOffsetsAsync(group, new Dictionary<TopicPartition, long> { [Viewed] = 2 })).ThrowIfAnyFailed();
    }

    private static Task<IReadOnlyList<AclBinding>> RulesAsync(VerbStage stage, string principal) => stage.Admin.DescribeAclsAsync(new AclFilter { Principal = principal });

    private static async Task LevelAsync(VerbStage stage, short level) =>
        (await stage.Admin.UpdateFeaturesAsync(new Dictionary<string, FeatureUpdate> { ["transaction.version"] = new(level, FeatureUpgradeType.Upgrade) })).ThrowIfAnyFailed();

    private static async Task<int[]> VotersAsync(VerbStage stage) => [.. (await stage.Admin.DescribeMetadataQuorumAsync()).Voters.Select(v => v.Id)];
}
