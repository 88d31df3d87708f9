using System.Globalization;

namespace Milena.Kafka.Protocol.Generator.Model;

/// <summary>Versions from lowest to highest; <c>none</c> is the empty range.</summary>
internal readonly struct VersionRange
{
    public static readonly VersionRange None = new(0, -1);

    public VersionRange(int lowest, int highest)
    {
        Lowest = lowest;
        Highest = highest;
    }

    public int Lowest { get; }

    public int Highest { get; }

    public bool IsEmpty => Highest < Lowest;

    public static bool TryParse(string text, out VersionRange range)
    {
        range = None;
        if (text == "none")
        {
            return true;
        }

        int dash = text.IndexOf('-');
        if (text.EndsWith("+", StringComparison.Ordinal) && TryParseVersion(text.Substring(0, text.Length - 1), out int from))
        {
            range = new VersionRange(from, short.MaxValue);
        }
        else if (dash > 0 && TryParseVersion(text.Substring(0, dash), out int lowest) && TryParseVersion(text.Substring(dash + 1), out int highest) && lowest <= highest)
        {
            range = new VersionRange(lowest, highest);
        }
        else if (TryParseVersion(text, out int single))
        {
            range = new VersionRange(single, single);
        }
        else
        {
            return false;
        }

        return true;
    }

    public bool Contains(int version) => version >= Lowest && version <= Highest;

    public bool Contains(VersionRange other) => other.IsEmpty || (other.Lowest >= Lowest && other.Highest <= Highest);

    public VersionRange Intersect(VersionRange other)
    {
        int lowest = Math.Max(Lowest, other.Lowest);
        int highest = Math.Min(Highest, other.Highest);
        return lowest <= highest ? new VersionRange(lowest, highest) : None;
    }

    public override string ToString() =>
        IsEmpty ? "none" : Highest == short.MaxValue ? Lowest + "+" : Lowest == Highest ? Lowest.ToString(CultureInfo.InvariantCulture) : Lowest + "-" + Highest;

    private static bool TryParseVersion(string text, out int version) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out version) && version < short.MaxValue;
}
