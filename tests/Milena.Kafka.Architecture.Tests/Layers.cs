namespace Milena.Kafka.Architecture.Tests;

/// <summary>The layers inside Milena.Kafka: a folder may know those below it, and layer 0 is known by all.</summary>
internal static class Layers
{
    /// <summary>The folder name of what lies in no folder.</summary>
    public const string Root = "";

    private static readonly Dictionary<string, int> OfFolder = new(StringComparer.Ordinal)
    {
        ["Serialization"] = 0,
        ["Diagnostics"] = 0,
        ["Security"] = 0,
        // Exceptions and small value types that every layer speaks of; namespace Milena.Kafka.
        ["Common"] = 0,
        ["Errors"] = 0,
        ["Network"] = 1,
        ["Cluster"] = 2,
        ["Producer"] = 3,
        ["Consumer"] = 3,
        ["Admin"] = 3,
        ["ExactlyOnce"] = 4,
        [Root] = 5,
    };

    public static IEnumerable<string> Folders => OfFolder.Keys;

    public static bool Knows(string folder) => OfFolder.ContainsKey(folder);

    /// <summary>Null when the reference is fine, else what is wrong with it.</summary>
    public static string? Fault(string from, string to)
    {
        if (from == to)
        {
            return null;
        }

        int lower = OfFolder[from];
        int upper = OfFolder[to];
        if (upper > lower)
        {
            return $"upwards: {Name(from)} (layer {lower}) must not know {Name(to)} (layer {upper})";
        }

        return upper == lower && lower != 0
            ? $"sideways: {Name(from)} and {Name(to)} (layer {lower}) must not know one another"
            : null;
    }

    private static string Name(string folder) => folder == Root ? "the root" : folder;
}
