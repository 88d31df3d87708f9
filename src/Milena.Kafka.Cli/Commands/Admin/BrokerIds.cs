using System.Globalization;

namespace Milena.Kafka.Cli.Commands.Admin;

/// <summary>Brokers as they are typed: ids with commas between.</summary>
internal static class BrokerIds
{
    /// <exception cref="ArgumentException">One is not a number.</exception>
    public static IReadOnlyList<int> Parse(string text) =>
        [.. text.Split(',').Select(id => int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out int broker)
            ? broker
            : throw new ArgumentException($"'{text}' is not a list of broker ids, such as 1,2,3."))];
}
