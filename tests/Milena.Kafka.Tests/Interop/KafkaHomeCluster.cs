using System.Net;
using System.Net.Sockets;

namespace Milena.Kafka.Tests.Interop;

/// <summary>
/// One to three real brokers from <see cref="KafkaHome"/> on free loopback ports, formatted in a temporary folder of their own.
/// Each can be killed, stopped and started; disposing ends them and removes the folder.
/// </summary>
internal sealed class KafkaHomeCluster : IAsyncDisposable
{
    private static readonly TimeSpan PatienceOfStart = TimeSpan.FromMinutes(2);

    private readonly DirectoryInfo _folder;
    private readonly IReadOnlyList<KafkaNode> _nodes;

    private KafkaHomeCluster(DirectoryInfo folder, IReadOnlyList<KafkaNode> nodes)
    {
        _folder = folder;
        _nodes = nodes;
    }

    public string BootstrapServers => string.Join(',', _nodes.Select(node => node.Settings.Address));

    /// <param name="brokers">One or three; their ids begin at 1.</param>
    /// <param name="options">What they have beyond one plaintext listener.</param>
    /// <param name="cancellationToken">Ends what was started so far.</param>
    public static async Task<KafkaHomeCluster> StartAsync(int brokers, KafkaHomeOptions options, CancellationToken cancellationToken)
    {
        KafkaCommands commands = KafkaHome.Commands() with { JavaOptions = options.JavaOptions, ScramCredentials = options.ScramCredentials };
        DirectoryInfo folder = Directory.CreateTempSubdirectory("milena-kafka-");
        int each = 2 + options.Listeners.Count;
        int[] ports = FreePorts(each * brokers);
        IReadOnlyList<KafkaNodeSettings> settings =
            [.. Enumerable.Range(0, brokers).Select(i =>
                new KafkaNodeSettings(i + 1, ports[each * i], ports[(each * i) + 1], Path.Combine(folder.FullName, $"node-{i + 1}", "data"))
                {
                    Listeners = [.. options.Listeners.Select((name, j) => (name, ports[(each * i) + 2 + j]))],
                })];
        KafkaHomeCluster cluster = new(
            folder,
            [.. settings.Select(node => new KafkaNode(node, commands, Path.Combine(folder.FullName, $"node-{node.Id}")))]);
        try
        {
            string clusterId = NewClusterId();
            foreach (KafkaNode node in cluster._nodes)
            {
                await node.FormatAsync(clusterId, node.Settings.ToProperties(settings, options.Properties), cancellationToken);
            }

            foreach (KafkaNode node in cluster._nodes)
            {
                node.Start();
            }

            await cluster.ReadyAsync(cluster._nodes, brokers, cancellationToken);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>The addresses of a listener that <see cref="KafkaHomeOptions.Listeners"/> named.</summary>
    public string BootstrapServersOf(string listener) =>
        string.Join(',', _nodes.Select(node => $"127.0.0.1:{node.Settings.Listeners.Single(one => one.Name == listener).Port}"));

    /// <summary>SIGKILL to one broker.</summary>
    public Task KillAsync(int nodeId) => NodeOf(nodeId).KillAsync();

    /// <summary>SIGTERM to one broker, and waits for its end.</summary>
    public Task StopAsync(int nodeId, CancellationToken cancellationToken) => NodeOf(nodeId).StopAsync(cancellationToken);

    /// <summary>Starts a killed or stopped broker on its old port with its old data, and waits until it answers.</summary>
    public async Task StartAsync(int nodeId, CancellationToken cancellationToken)
    {
        KafkaNode node = NodeOf(nodeId);
        node.Start();
        await ReadyAsync([node], brokers: 1, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (KafkaNode node in _nodes)
        {
            await node.DisposeAsync();
        }

        _folder.Delete(recursive: true);
    }

    /// <summary>Sixteen random bytes in the notation of Kafka's Uuid; never with a dash first, which would look like an option.</summary>
    public static string NewClusterId()
    {
        string text = Convert.ToBase64String(Guid.NewGuid().ToByteArray()).TrimEnd('=').Replace('+', '-').Replace('/', '_');
        return text[0] == '-' ? "A" + text[1..] : text;
    }

    private async Task ReadyAsync(IEnumerable<KafkaNode> nodes, int brokers, CancellationToken cancellationToken)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(PatienceOfStart);
        try
        {
            await Task.WhenAll(nodes.Select(node => node.ReadyAsync(brokers, patience.Token)));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"The brokers {BootstrapServers} did not answer within {PatienceOfStart.TotalSeconds} s.");
        }
    }

    private KafkaNode NodeOf(int nodeId) => _nodes.Single(node => node.Settings.Id == nodeId);

    // Held open together, so that no port is given twice.
    private static int[] FreePorts(int count)
    {
        TcpListener[] listeners = [.. Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0))];
        try
        {
            foreach (TcpListener listener in listeners)
            {
                listener.Start();
            }

            return [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        }
        finally
        {
            foreach (TcpListener listener in listeners)
            {
                listener.Dispose();
            }
        }
    }
}
