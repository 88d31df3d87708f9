using System.Globalization;
using System.Text;

namespace Milena.Kafka.Tests.Interop;

/// <summary>One combined KRaft node (broker and controller) on loopback and the server.properties it is started with.</summary>
internal sealed record KafkaNodeSettings(int Id, int BrokerPort, int ControllerPort, string LogFolder)
{
    public string Address => $"127.0.0.1:{BrokerPort}";

    /// <summary>More listeners than the plain one, and their ports.</summary>
    public IReadOnlyList<(string Name, int Port)> Listeners { get; init; } = [];

    /// <param name="nodes">All nodes of the cluster, this one among them.</param>
    /// <param name="overrides">Kafka properties that replace or add to these.</param>
    public string ToProperties(IReadOnlyList<KafkaNodeSettings> nodes, IReadOnlyDictionary<string, string>? overrides = null)
    {
        string replicas = Number(Math.Min(3, nodes.Count));
        string inSync = Number(Math.Min(2, nodes.Count));
        SortedDictionary<string, string> properties = new(StringComparer.Ordinal)
        {
            ["process.roles"] = "broker,controller",
            ["node.id"] = Number(Id),
            // A static quorum is understood by every KRaft release.
            ["controller.quorum.voters"] = string.Join(',', nodes.Select(node => $"{node.Id}@127.0.0.1:{node.ControllerPort}")),
            ["listeners"] = $"PLAINTEXT://{Address},CONTROLLER://127.0.0.1:{ControllerPort}{More()}",
            ["advertised.listeners"] = $"PLAINTEXT://{Address}{More()}",
            ["listener.security.protocol.map"] = "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            ["inter.broker.listener.name"] = "PLAINTEXT",
            ["controller.listener.names"] = "CONTROLLER",
            ["log.dirs"] = LogFolder,
            ["default.replication.factor"] = replicas,
            ["min.insync.replicas"] = inSync,
            ["offsets.topic.replication.factor"] = replicas,
            ["offsets.topic.num.partitions"] = "5",
            ["transaction.state.log.replication.factor"] = replicas,
            ["transaction.state.log.min.isr"] = inSync,
            ["transaction.state.log.num.partitions"] = "5",
            ["share.coordinator.state.topic.replication.factor"] = replicas,
            ["share.coordinator.state.topic.min.isr"] = inSync,
            ["share.coordinator.state.topic.num.partitions"] = "5",
            ["group.initial.rebalance.delay.ms"] = "0",
            // The default of 128 MiB is a quarter of the heap.
            ["log.cleaner.dedupe.buffer.size"] = "4194304",
        };
        foreach ((string name, string value) in overrides ?? new Dictionary<string, string>())
        {
            properties[name] = value;
        }

        StringBuilder text = new();
        foreach ((string name, string value) in properties)
        {
            text.Append(name).Append('=').Append(value).Append('\n');
        }

        return text.ToString();
    }

    private string More() => string.Concat(Listeners.Select(listener => $",{listener.Name}://127.0.0.1:{listener.Port}"));

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
