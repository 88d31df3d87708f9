using System.CommandLine;
using System.Globalization;
using Milena.Kafka.Cli.Output;
using Milena.Kafka.Cli.Settings;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Cli.Commands.Admin;

/// <summary><c>milena cluster</c>.</summary>
internal static class ClusterCommand
{
    public static Command Create() => new("cluster", "Shows and changes the cluster itself: brokers, features, quorum, log directories.")
    {
        CreateDescribe(),
        CreateFeatures(),
        CreateUpdateFeature(),
        CreateQuorum(),
        CreateAddVoter(),
        CreateRemoveVoter(),
        CreateUnregister(),
        CreateLogDirs(),
        CreateInstanceId(),
    };

    private static Verb CreateDescribe()
    {
        var fenced = new Option<bool>("--fenced") { Description = "With brokers that are registered and fenced." };
        return AdminVerb.Create("describe", "Shows the brokers, a row each.", ["cluster describe", "cluster describe --fenced --json"], [fenced], async call =>
        {
            ClusterDescription cluster = await call.Admin.DescribeClusterAsync(new DescribeClusterOptions { IncludeFencedBrokers = call.Get(fenced) }, call.CancellationToken).ConfigureAwait(false);
            var table = new Table("cluster", "broker", "host", "port", "rack", "controller", "fenced");
            foreach (BrokerDescription broker in cluster.Brokers.OrderBy(broker => broker.Id))
            {
                table.Add(cluster.ClusterId, broker.Id, broker.Host, broker.Port, broker.Rack, broker.Id == cluster.ControllerId, broker.IsFenced);
            }

            return call.Print(table);
        });
    }

    private static Verb CreateFeatures() => AdminVerb.Create("features", "Shows the features of the cluster and their levels.", ["cluster features"], [], async call =>
    {
        FeatureDescription features = await call.Admin.DescribeFeaturesAsync(null, null, call.CancellationToken).ConfigureAwait(false);
        var table = new Table("feature", "supportedMin", "supportedMax", "level");
        foreach (string name in features.Supported.Keys.Union(features.Finalized.Keys).Order(StringComparer.Ordinal))
        {
            bool isSupported = features.Supported.TryGetValue(name, out FeatureLevels levels);
            table.Add(name, isSupported ? levels.Min : null, isSupported ? levels.Max : null, features.Finalized.TryGetValue(name, out FeatureLevels level) ? level.Max : 0);
        }

        return call.Print(table);
    });

    private static Verb CreateUpdateFeature()
    {
        var feature = new Argument<string>("FEATURE") { Description = "The feature, such as metadata.version." };
        var level = new Argument<short>("LEVEL") { Description = "The level; 0 takes the feature out of use." };
        var downgrade = new Option<string?>("--downgrade") { Description = "To a lower level: safe keeps all metadata or is refused, unsafe may lose some." };
        downgrade.OneOf("safe", "unsafe");
        var dryRun = new Option<bool>("--dry-run") { Description = "The cluster says whether it would, and changes nothing." };
        string[] examples = ["cluster update-feature transaction.version 2 --dry-run"];
        return AdminVerb.Create("update-feature", "Changes the level of a feature.", examples, [feature, level, downgrade, dryRun], async call =>
        {
            FeatureUpgradeType type = call.Get(downgrade) switch
            {
                "safe" => FeatureUpgradeType.SafeDowngrade,
                "unsafe" => FeatureUpgradeType.UnsafeDowngrade,
                _ => FeatureUpgradeType.Upgrade,
            };
            var options = new AdminChangeOptions { ValidateOnly = call.Get(dryRun) };
            var updates = new Dictionary<string, FeatureUpdate> { [call.Get(feature)] = new(call.Get(level), type) };
            AdminOutcome<string> updated = await call.Admin.UpdateFeaturesAsync(updates, options, call.CancellationToken).ConfigureAwait(false);
            return call.Print(updated, "feature", options.ValidateOnly ? "would be updated" : "updated");
        });
    }

    private static Verb CreateQuorum() => AdminVerb.Create("quorum", "Shows the controllers' quorum, a row a replica.", ["cluster quorum"], [], async call =>
    {
        QuorumDescription quorum = await call.Admin.DescribeMetadataQuorumAsync(null, call.CancellationToken).ConfigureAwait(false);
        var table = new Table("node", "directory", "role", "logEnd", "lag", "lastFetch", "lastCaughtUp");
        long end = quorum.Voters.Where(voter => voter.Id == quorum.LeaderId).Select(voter => voter.LogEndOffset).FirstOrDefault(quorum.HighWatermark);
        foreach ((QuorumReplica replica, string role) in quorum.Voters.Select(v => (v, v.Id == quorum.LeaderId ? "leader" : "voter")).Concat(quorum.Observers.Select(o => (o, "observer"))))
        {
            table.Add(replica.Id, replica.DirectoryId, role, replica.LogEndOffset, end - replica.LogEndOffset, replica.LastFetch, replica.LastCaughtUp);
        }

        return call.Print(table);
    });

    private static Verb CreateAddVoter()
    {
        var (voter, directory) = Voter();
        var endpoints = new Option<string[]>("--endpoint") { Description = "Where the controller listens; may be given again.", HelpName = "LISTENER=HOST:PORT", Required = true };
        string[] examples = ["cluster add-voter 4 7b2c1c1a-7a0e-4a52-9d2f-5d8a53a3f0c1 --endpoint CONTROLLER=node4:9093"];
        return AdminVerb.Create("add-voter", "Adds a controller to the quorum.", examples, [voter, directory, endpoints], async call =>
        {
            await call.Admin.AddRaftVoterAsync(call.Get(voter), call.Get(directory), call.Get(endpoints)!.Select(ParseEndpoint), null, call.CancellationToken).ConfigureAwait(false);
            return call.PrintDone("voter", call.Get(voter), "added");
        });
    }

    private static Verb CreateRemoveVoter()
    {
        var (voter, directory) = Voter();
        string[] examples = ["cluster remove-voter 4 7b2c1c1a-7a0e-4a52-9d2f-5d8a53a3f0c1"];
        return AdminVerb.Create("remove-voter", "Takes a controller out of the quorum.", examples, [voter, directory], async call =>
        {
            await call.Admin.RemoveRaftVoterAsync(call.Get(voter), call.Get(directory), null, call.CancellationToken).ConfigureAwait(false);
            return call.PrintDone("voter", call.Get(voter), "removed");
        });
    }

    private static Verb CreateUnregister()
    {
        var broker = new Argument<int>("BROKER") { Description = "The id of a broker that has been shut down." };
        return AdminVerb.Create("unregister", "Forgets a broker for good.", ["cluster unregister 5"], [broker], async call =>
        {
            await call.Admin.UnregisterBrokerAsync(call.Get(broker), null, call.CancellationToken).ConfigureAwait(false);
            return call.PrintDone("broker", call.Get(broker), "unregistered");
        });
    }

    private static Verb CreateLogDirs()
    {
        var brokers = new Option<int[]>("--broker") { Description = "Only of this broker; may be given again.", HelpName = "ID" };
        return AdminVerb.Create("log-dirs", "Shows what lies in the log directories of brokers, a row a replica.", ["cluster log-dirs --broker 1"], [brokers], async call =>
        {
            IEnumerable<int> ids = call.Get(brokers) is { Length: > 0 } named
                ? named
                : (await call.Admin.DescribeClusterAsync(null, call.CancellationToken).ConfigureAwait(false)).Brokers.Select(broker => broker.Id);
            AdminResults<int, IReadOnlyDictionary<string, LogDirDescription>> found = await call.Admin.DescribeLogDirsAsync(ids, null, call.CancellationToken).ConfigureAwait(false);
            var table = new Table("broker", "dir", "topic", "partition", "size", "lag", "future", "error");
            foreach ((int broker, IReadOnlyDictionary<string, LogDirDescription> dirs) in found.Values.OrderBy(b => b.Key))
            {
                foreach ((string path, LogDirDescription dir) in dirs.OrderBy(d => d.Key, StringComparer.Ordinal))
                {
                    foreach ((TopicPartition partition, LogDirReplica replica) in dir.Replicas.InOrder())
                    {
                        table.Add(broker, path, partition.Topic, partition.Partition, replica.Size, replica.OffsetLag, replica.IsFuture, null);
                    }

                    if (dir.Failure is { } failure)
                    {
                        table.Add(broker, path, null, null, null, null, null, failure.Message);
                    }
                }
            }

            return call.Print(table, found);
        });
    }

    private static Verb CreateInstanceId() => AdminVerb.Create("instance-id", "Asks a broker for an id for this client's telemetry (KIP-714).", ["cluster instance-id"], [], async call =>
        call.PrintDone("instance", await call.Admin.GetClientInstanceIdAsync(null, call.CancellationToken).ConfigureAwait(false), "given"));

    private static (Argument<int> Voter, Argument<Guid> Directory) Voter() => (
        new Argument<int>("VOTER") { Description = "The id of the controller." },
        new Argument<Guid>("DIRECTORY") { Description = "The id of its metadata directory, as Kafka prints it, or as a UUID.", CustomParser = result => ParseUuid(result.Tokens[0].Value, out Guid id) ? id : Refuse(result) });

    private static bool ParseUuid(string text, out Guid id) => Uuid.TryParse(text, out id) || Guid.TryParse(text, out id);

    private static Guid Refuse(System.CommandLine.Parsing.ArgumentResult result)
    {
        result.AddError($"'{result.Tokens[0].Value}' is no UUID.");
        return Guid.Empty;
    }

    private static RaftEndpoint ParseEndpoint(string text)
    {
        (string listener, string address) = NameValue.Parse(text, "--endpoint", "LISTENER=HOST:PORT");
        int colon = address.LastIndexOf(':');
        return colon > 0 && ushort.TryParse(address.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port)
            ? new RaftEndpoint(listener, address[..colon], port)
            : throw new ArgumentException($"'{text}' behind --endpoint is not of the form LISTENER=HOST:PORT.");
    }
}
