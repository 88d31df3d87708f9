using System.Globalization;

namespace Milena.Kafka.Testing.Configs;

/// <summary>What values settings take, in the words of Kafka's refusals.</summary>
internal static class ConfigCheck
{
    public static Func<string, string?> AtLeast(double lowest) =>
        value => Number(value) < lowest ? string.Create(CultureInfo.InvariantCulture, $"Value must be at least {lowest}") : null;

    public static Func<string, string?> Between(double lowest, double highest) =>
        value => AtLeast(lowest)(value) ?? (Number(value) > highest ? string.Create(CultureInfo.InvariantCulture, $"Value must be no more than {highest}") : null);

    public static Func<string, string?> OneOf(params string[] words) =>
        value => words.Contains(value) ? null : $"String must be one of: {string.Join(", ", words)}";

    private static double Number(string value) => double.Parse(value, CultureInfo.InvariantCulture);
}
