namespace Milena.Kafka.Protocol.Tests.Messages;

/// <summary>The frames of one file under <c>Vectors</c>.</summary>
internal static class VectorFile
{
    private static readonly string[] NotFrames = ["malformed", "special", "murmur2", "records"];

    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "Vectors");

    /// <summary>The APIs that frames were recorded of.</summary>
    public static IReadOnlyList<string> Apis { get; } =
        [.. Directory.GetFiles(Folder, "*.tsv").Select(f => Path.GetFileNameWithoutExtension(f)).Except(NotFrames).Order(StringComparer.Ordinal)];

    public static Frame[] Read(string name) => [.. Lines(name + ".tsv").Select((line, index) => Parse(name, index + 1, line))];

    /// <summary>The values of each frame as JSON, or "-" where they were too long to be kept.</summary>
    public static string[] Values(string api) => Lines(Path.Combine("values", api + ".jsonl"));

    private static string[] Lines(string name) =>
        File.ReadAllText(Path.Combine(Folder, name)).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static Frame Parse(string name, int number, string line)
    {
        string[] columns = line.Split('\t');
        byte[] bytes = Convert.FromHexString(columns[4]);
        return new Frame($"{name}.tsv:{number}", columns[0], columns[1], short.Parse(columns[2]), columns[3] == "request", bytes);
    }
}
