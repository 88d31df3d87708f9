using System.Globalization;
using System.Text;
using System.Text.Json;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Tests.Interop;

/// <summary>kafkajs, run by node with a script of ours: a client with its own encoder and decoder.</summary>
internal static class NodeClient
{
    /// <summary>Names a node_modules folder with kafkajs in it; else the one beside the script's source is taken.</summary>
    public const string Variable = "MILENA_NODE_MODULES";

    // What codecs.js beside the script asks for.
    private static readonly string[] CodecPackages = ["kafkajs-snappy", "lz4js", "fzstd", "@bokuweb/zstd-wasm"];

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);
    private static readonly string? Program = OutsideProcess.Find("node");
    private static readonly string Modules = FindModules();

    public static bool IsAvailable(out string reason)
    {
        reason = Program is null
            ? "node is not on PATH."
            : $"kafkajs is not installed (npm install in tests/Milena.Kafka.Tests/Interop/node, or name a node_modules folder in {Variable}).";
        return Program is not null && Directory.Exists(Path.Combine(Modules, "kafkajs"));
    }

    /// <summary>Whether kafkajs is there with this codec; gzip is its own.</summary>
    public static bool IsAvailable(CompressionType compression, out string reason)
    {
        bool isAvailable = IsAvailable(out reason);
        if (!isAvailable || compression is CompressionType.None or CompressionType.Gzip)
        {
            return isAvailable;
        }

        string[] missing = [.. CodecPackages.Where(package => !Directory.Exists(Path.Combine(Modules, package)))];
        reason = $"kafkajs is there without {string.Join(", ", missing)} (npm install in tests/Milena.Kafka.Tests/Interop/node).";
        return missing.Length == 0;
    }

    /// <summary>Produces the records with acks=all, in this order.</summary>
    public static async Task ProduceAsync(
        string bootstrapServers, string topic, IEnumerable<NodeRecord> records, CompressionType compression, TimeSpan timeout, CancellationToken cancellationToken)
    {
        string lines = string.Join('\n', records.Select(record => JsonSerializer.Serialize(record, Json)));
        await RunAsync(lines, ["produce", bootstrapServers, topic, compression.ToString().ToLowerInvariant()], timeout, cancellationToken);
    }

    /// <summary>Every record of the topic, partition after partition, fetched by kafkajs without a consumer group.</summary>
    public static async Task<IReadOnlyList<NodeRecord>> FetchAsync(
        string bootstrapServers, string topic, TimeSpan timeout, CancellationToken cancellationToken) =>
        Parse(await RunAsync("", ["fetch", bootstrapServers, topic], timeout, cancellationToken));

    /// <summary>So many records of the topic from its beginning, through a consumer group.</summary>
    public static async Task<IReadOnlyList<NodeRecord>> ConsumeAsync(
        string bootstrapServers, string topic, string groupId, int count, TimeSpan timeout, CancellationToken cancellationToken) =>
        Parse(await RunAsync(
            "", ["consume", bootstrapServers, topic, groupId, count.ToString(CultureInfo.InvariantCulture)], timeout, cancellationToken));

    /// <summary>The partition that the default partitioner of kafkajs chooses for each key, murmur2 as Java has it.</summary>
    public static async Task<int[]> PartitionAsync(IEnumerable<byte[]> keys, int partitionCount, TimeSpan timeout, CancellationToken cancellationToken)
    {
        string lines = string.Join('\n', keys.Select(Convert.ToBase64String));
        ProcessResult result = await RunAsync(lines, ["partition", partitionCount.ToString(CultureInfo.InvariantCulture), "-"], timeout, cancellationToken);
        return [.. result.Lines.Select(line => int.Parse(line, CultureInfo.InvariantCulture))];
    }

    /// <summary>Produces records and fetches them again, over TLS or SASL.</summary>
    /// <param name="security">The options <c>ssl</c> and <c>sasl</c> of kafkajs, as JSON.</param>
    public static async Task<IReadOnlyList<NodeRecord>> EchoAsync(
        string bootstrapServers, string topic, IEnumerable<NodeRecord> records, string security, TimeSpan timeout, CancellationToken cancellationToken)
    {
        string lines = string.Join('\n', records.Select(record => JsonSerializer.Serialize(record, Json)));
        await RunAsync(lines, ["produce", bootstrapServers, topic, "none"], timeout, cancellationToken, security);
        return Parse(await RunAsync("", ["fetch", bootstrapServers, topic], timeout, cancellationToken, security));
    }

    /// <summary>Runs one transaction after the other, with a position of the group for partition 0 in each.</summary>
    public static Task TransactAsync(
        string bootstrapServers,
        string topic,
        string transactionalId,
        string groupId,
        IEnumerable<OutsideTransaction> transactions,
        TimeSpan timeout,
        CancellationToken cancellationToken)
    {
        IEnumerable<string> lines = transactions.Select(transaction => JsonSerializer.Serialize(
            new
            {
                transaction.Commit,
                transaction.Offset,
                Records = transaction.Values.Select(record => new NodeRecord { Partition = record.Partition, Value = Encoding.UTF8.GetBytes(record.Value) }),
            },
            Json));
        return RunAsync(string.Join('\n', lines), ["transact", bootstrapServers, topic, transactionalId, groupId], timeout, cancellationToken);
    }

    /// <summary>Calls methods of the admin client of kafkajs, one after the other.</summary>
    /// <param name="calls">The name of each method, and its argument.</param>
    /// <returns>What each gave back; of one that failed an object with <c>error</c> and <c>code</c>.</returns>
    public static async Task<IReadOnlyList<JsonElement>> AdministerAsync(
        string bootstrapServers, TimeSpan timeout, CancellationToken cancellationToken, params (string Call, object? With)[] calls)
    {
        IEnumerable<string> lines = calls.Select(call => JsonSerializer.Serialize(new { call = call.Call, with = call.With }, Json));
        ProcessResult result = await RunAsync(string.Join('\n', lines), ["admin", bootstrapServers, "-"], timeout, cancellationToken);
        return [.. result.Lines.Select(line => JsonSerializer.Deserialize<JsonElement>(line)).Select(answer => answer.TryGetProperty("result", out JsonElement value) ? value : answer)];
    }

    private static async Task<ProcessResult> RunAsync(string input, string[] arguments, TimeSpan timeout, CancellationToken cancellationToken, string security = "{}")
    {
        string script = Path.Combine(AppContext.BaseDirectory, "Interop", "node", "kafkajs.js");
        ProcessResult result = await OutsideProcess.RunAsync(
            Program!,
            [script, .. arguments],
            Encoding.UTF8.GetBytes(input),
            timeout,
            new Dictionary<string, string> { ["NODE_PATH"] = Modules, ["MILENA_NODE_SECURITY"] = security },
            cancellationToken);
        return result.EnsureSuccess();
    }

    private static IReadOnlyList<NodeRecord> Parse(ProcessResult result) =>
        [.. result.Lines.Select(line => JsonSerializer.Deserialize<NodeRecord>(line, Json)!)];

    private static string FindModules()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
        {
            return named;
        }

        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Client.sln")))
        {
            folder = folder.Parent;
        }

        return Path.Combine(folder?.FullName ?? "", "tests", "Milena.Kafka.Tests", "Interop", "node", "node_modules");
    }
}
