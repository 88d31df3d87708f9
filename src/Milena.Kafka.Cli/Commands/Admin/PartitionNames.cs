using System.CommandLine;
using System.Globalization;

namespace Milena.Kafka.Cli.Commands.Admin;

/// <summary>Partitions as they are typed: TOPIC for all of a topic, TOPIC:0,3 for some.</summary>
internal static class PartitionNames
{
    public static Option<string[]> Option(bool isRequired) => new("--topic")
    {
        Description = "All partitions of a topic, or those with these numbers; may be given again.",
        HelpName = "TOPIC[:N,N]",
        Required = isRequired,
    };

    /// <exception cref="ArgumentException">What is behind the colon is not a list of numbers.</exception>
    public static (string Topic, int[]? Partitions) Parse(string text)
    {
        int colon = text.LastIndexOf(':');
        if (colon < 0)
        {
            return (text, null);
        }

        return (text[..colon], [.. text[(colon + 1)..].Split(',').Select(number => int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int partition)
            ? partition
            : throw new ArgumentException($"'{text}' is neither TOPIC nor TOPIC:N,N."))]);
    }

    /// <exception cref="ArgumentException">It is not one partition of a topic.</exception>
    public static TopicPartition ParseOne(string text) => Parse(text) is (var topic, [var partition])
        ? new TopicPartition(topic, partition)
        : throw new ArgumentException($"'{text}' is not of the form TOPIC:N.");

    /// <summary>The partitions; those of whole topics are looked up.</summary>
    /// <exception cref="KafkaException">A topic is not there.</exception>
    public static async Task<IReadOnlyCollection<TopicPartition>> ResolveAsync(AdminCall call, IEnumerable<string> texts)
    {
        (string Topic, int[]? Partitions)[] named = [.. texts.Select(Parse)];
        AdminResults<string, TopicDescription> topics = await call.Admin.DescribeTopicsAsync(
            named.Where(n => n.Partitions is null).Select(n => n.Topic).Distinct(), null, call.CancellationToken).ConfigureAwait(false);
        topics.ThrowIfAnyFailed();
        return [.. named.SelectMany(n => (n.Partitions ?? topics[n.Topic].Partitions.Select(p => p.Partition)).Select(p => new TopicPartition(n.Topic, p))).Distinct()];
    }
}
