namespace Milena.Kafka.Cli.Commands.Admin;

/// <summary>The order in which partitions are printed.</summary>
internal static class PartitionOrder
{
    public static IEnumerable<KeyValuePair<TopicPartition, T>> InOrder<T>(this IEnumerable<KeyValuePair<TopicPartition, T>> rows) =>
        rows.OrderBy(row => row.Key.Topic, StringComparer.Ordinal).ThenBy(row => row.Key.Partition);

    public static IEnumerable<TopicPartition> InOrder(this IEnumerable<TopicPartition> partitions) =>
        partitions.OrderBy(partition => partition.Topic, StringComparer.Ordinal).ThenBy(partition => partition.Partition);
}
