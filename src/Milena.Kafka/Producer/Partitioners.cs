using Milena.Kafka.Producer.Internal;
using Fnv1aHash = Milena.Kafka.Producer.Internal.Fnv1a;
using Murmur2Hash = Milena.Kafka.Producer.Internal.Murmur2;

namespace Milena.Kafka;

/// <summary>The partitioners that come with the client. Take the one that the other producers of a topic use: the same key must lie in the same partition.</summary>
/// <remarks>
/// Those called random in librdkafka leave records without a key to the producer, which keeps them with one partition until
/// <see cref="ProducerOptions.BatchSize"/> bytes were produced to it and then goes on to another (KIP-794).
/// </remarks>
public static class Partitioners
{
    /// <summary>Murmur2 of the key, as Java's default; records without a key go where the producer likes. What a producer does that is given no partitioner.</summary>
    public static IPartitioner Default { get; } = new HashPartitioner(Murmur2Hash.Partition, HashPartitioner.Keyless.Free);

    /// <summary>Murmur2 of the key, and of nothing for a record without one. librdkafka calls it <c>murmur2</c>.</summary>
    public static IPartitioner Murmur2 { get; } = new HashPartitioner(Murmur2Hash.Partition, HashPartitioner.Keyless.Hashed);

    /// <summary>The same as <see cref="Default"/>, by the name that librdkafka has for it: <c>murmur2_random</c>.</summary>
    public static IPartitioner Murmur2Random => Default;

    /// <summary>CRC-32 of the key; records without a key go to partition 0. librdkafka calls it <c>consistent</c>.</summary>
    public static IPartitioner Consistent { get; } = new HashPartitioner(Crc32.Partition, HashPartitioner.Keyless.Hashed);

    /// <summary>CRC-32 of the key; records whose key is null or empty go where the producer likes. librdkafka's default, <c>consistent_random</c>, and so that of clients built on it.</summary>
    public static IPartitioner ConsistentRandom { get; } = new HashPartitioner(Crc32.Partition, HashPartitioner.Keyless.FreeIfEmpty);

    /// <summary>FNV-1a of the key as Sarama has it, and of nothing for a record without one. librdkafka calls it <c>fnv1a</c>.</summary>
    public static IPartitioner Fnv1a { get; } = new HashPartitioner(Fnv1aHash.Partition, HashPartitioner.Keyless.Hashed);

    /// <summary>FNV-1a of the key as Sarama has it; records without a key go where the producer likes. librdkafka calls it <c>fnv1a_random</c>.</summary>
    public static IPartitioner Fnv1aRandom { get; } = new HashPartitioner(Fnv1aHash.Partition, HashPartitioner.Keyless.Free);

    /// <summary>One partition after the other, whatever the key, for each topic by itself. Java's <c>RoundRobinPartitioner</c>.</summary>
    /// <returns>A partitioner with a count of its own.</returns>
    /// <remarks>Batches stay small with it: each record opens one elsewhere.</remarks>
    public static IPartitioner RoundRobin() => new RoundRobinPartitioner();
}
