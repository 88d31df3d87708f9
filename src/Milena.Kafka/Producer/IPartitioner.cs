namespace Milena.Kafka;

/// <summary>Chooses the partition of records that name none. One instance serves all threads at once.</summary>
public interface IPartitioner
{
    /// <summary>Chooses a partition.</summary>
    /// <param name="topic">The topic's name.</param>
    /// <param name="partitionCount">How many partitions the topic has at the moment, at least one.</param>
    /// <param name="key">The serialized key, valid during the call only; empty if null.</param>
    /// <param name="isKeyNull">Whether the key is null.</param>
    /// <returns>
    /// A number from 0 up to below <paramref name="partitionCount"/>; or -1 to leave the choice to the producer, which keeps such records with one partition
    /// until <see cref="ProducerOptions.BatchSize"/> bytes were produced to it, then goes on to another (KIP-794).
    /// </returns>
    int SelectPartition(string topic, int partitionCount, ReadOnlySpan<byte> key, bool isKeyNull);
}
