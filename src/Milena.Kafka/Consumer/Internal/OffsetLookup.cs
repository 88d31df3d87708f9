using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Consumer.Internal;

/// <summary>Turns start positions into offsets.</summary>
internal sealed class OffsetLookup
{
    private readonly KafkaCluster _cluster;
    private readonly IsolationLevel _isolation;

    public OffsetLookup(KafkaCluster cluster, IsolationLevel isolation)
    {
        _cluster = cluster;
        _isolation = isolation;
    }

    /// <summary>Looks up the offsets of one start position in many partitions, each with an answer of its own.</summary>
    public async Task<Dictionary<TopicPartition, Answer<FoundOffset>>> FindAsync(
        IReadOnlyCollection<TopicPartition> partitions, StartPosition start, CancellationToken cancellationToken)
    {
        switch (start.Kind)
        {
            case StartKind.Offset:
                return partitions.Distinct().ToDictionary(p => p, _ => Answer<FoundOffset>.Of(new FoundOffset(start.Value, -1, -1)));
            case StartKind.Beginning:
                return await AskAsync(partitions, ListOffsetsOperation.Earliest, cancellationToken).ConfigureAwait(false);
            case StartKind.End:
                return await AskAsync(partitions, ListOffsetsOperation.Latest, cancellationToken).ConfigureAwait(false);
            default:
                return await FindTimeAsync(partitions, start.Value, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<Dictionary<TopicPartition, Answer<FoundOffset>>> FindTimeAsync(
        IReadOnlyCollection<TopicPartition> partitions, long timestamp, CancellationToken cancellationToken)
    {
        // The end is asked for first: a record that is stored between the two questions is then found by one of them.
        Dictionary<TopicPartition, Answer<FoundOffset>> ends = await AskAsync(partitions, ListOffsetsOperation.Latest, cancellationToken).ConfigureAwait(false);
        Dictionary<TopicPartition, Answer<FoundOffset>> found = await AskAsync(partitions, timestamp, cancellationToken).ConfigureAwait(false);
        foreach ((TopicPartition partition, Answer<FoundOffset> answer) in found.ToList())
        {
            if (answer.Failure is null && answer.Value.Offset < 0)
            {
                found[partition] = ends[partition];
            }
        }

        return found;
    }

    private Task<Dictionary<TopicPartition, Answer<FoundOffset>>> AskAsync(IReadOnlyCollection<TopicPartition> partitions, long timestamp, CancellationToken cancellationToken) =>
        _cluster.Driver.RunAsync(new ListOffsetsOperation(timestamp, _isolation, _cluster.Options.RequestTimeout), partitions, null, cancellationToken);
}
