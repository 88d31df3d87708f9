using Milena.Kafka.Protocol.Records;
using Milena.Kafka.Testing.State;

namespace Milena.Kafka.Testing;

/// <content>Topics, their logs and their leaders, past the protocol.</content>
public sealed partial class TestCluster
{
    /// <summary>The names of all topics, in order.</summary>
    public IReadOnlyList<string> Topics => [.. _state.Topics.Select(topic => topic.Name)];

    /// <summary>Creates a topic.</summary>
    /// <param name="name">The name.</param>
    /// <param name="partitions">How many partitions; -1 for <see cref="TestClusterOptions.DefaultPartitions"/>.</param>
    /// <param name="replicationFactor">How many replicas; -1 for <see cref="TestClusterOptions.DefaultReplicationFactor"/>.</param>
    /// <param name="configs">Settings of the topic, such as <c>message.timestamp.type</c>.</param>
    /// <returns>The topic id.</returns>
    /// <exception cref="ArgumentException">Kafka would refuse the topic, and why.</exception>
    public Guid CreateTopic(string name, int partitions = -1, int replicationFactor = -1, IReadOnlyDictionary<string, string>? configs = null)
    {
        IEnumerable<KeyValuePair<string, string?>> settings = (configs ?? new Dictionary<string, string>())
            .Select(config => KeyValuePair.Create(config.Key, (string?)config.Value));
        (TopicState? topic, Refusal? fault) = _state.CreateTopic(new NewTopic(name, partitions, replicationFactor, null, settings), validateOnly: false);
        return topic?.Id ?? throw new ArgumentException($"Topic {name} cannot be created: {fault!.Message} ({fault.Code})");
    }

    /// <summary>Deletes a topic.</summary>
    /// <param name="name">The name.</param>
    /// <returns>Whether there was one.</returns>
    public bool DeleteTopic(string name) => _state.Topic(name) is { } topic && _state.DeleteTopic(topic);

    /// <summary>The id of a topic.</summary>
    /// <param name="topic">The name.</param>
    /// <exception cref="ArgumentException">There is no such topic.</exception>
    public Guid TopicId(string topic) => FindTopic(topic).Id;

    /// <summary>The number of partitions of a topic.</summary>
    /// <param name="topic">The name.</param>
    /// <exception cref="ArgumentException">There is no such topic.</exception>
    public int PartitionCount(string topic) => FindTopic(topic).Partitions.Count;

    /// <summary>The offset that the next record of a partition gets.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="partition">The partition.</param>
    /// <exception cref="ArgumentException">There is no such partition.</exception>
    public long EndOffset(string topic, int partition) => _state.Partition(topic, partition).Offsets.HighWatermark;

    /// <summary>The batches of a partition as they are stored.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="partition">The partition.</param>
    /// <exception cref="ArgumentException">There is no such partition.</exception>
    public IReadOnlyList<RecordBatch> Batches(string topic, int partition) => _state.Partition(topic, partition).Batches();

    /// <summary>The records of a partition, oldest first, as copies: those of open and aborted transactions too, but no markers.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="partition">The partition.</param>
    /// <exception cref="ArgumentException">There is no such partition.</exception>
    /// <exception cref="UnsupportedCompressionException">A batch is compressed with a codec that <see cref="TestClusterOptions.Codecs"/> lacks.</exception>
    public IReadOnlyList<StoredRecord> Records(string topic, int partition)
    {
        PartitionState state = _state.Partition(topic, partition);
        long start = state.Offsets.Start;
        var options = new RecordReadOptions { Codecs = _state.Options.Codecs };
        var stored = new List<StoredRecord>();
        foreach (RecordBatch batch in state.Batches().Where(batch => !batch.IsControl))
        {
            using BatchRecords records = batch.OpenRecords(options);
            foreach (ref readonly Record record in records)
            {
                if (record.Offset >= start)
                {
                    stored.Add(StoredRecord.Copy(record, batch));
                }
            }
        }

        return stored;
    }

    /// <summary>The broker that leads a partition; -1 while none does.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="partition">The partition.</param>
    /// <exception cref="ArgumentException">There is no such partition.</exception>
    public int Leader(string topic, int partition) => _state.Partition(topic, partition).Leadership.Leader;

    /// <summary>The epoch of a partition's leader: it goes up with each change.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="partition">The partition.</param>
    /// <exception cref="ArgumentException">There is no such partition.</exception>
    public int LeaderEpoch(string topic, int partition) => _state.Partition(topic, partition).Leadership.Epoch;

    /// <summary>Gives a partition another leader. It becomes a replica if it is none.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="broker">The id of the new leader.</param>
    /// <exception cref="ArgumentException">There is no such partition, or the broker does not run.</exception>
    public void MoveLeader(string topic, int partition, int broker)
    {
        _state.MoveLeader(_state.Partition(topic, partition), broker);

        // A partition without a leader may have kept a transaction from its end.
        _transactions.ContinueAll();
    }

    /// <summary>Cuts the end of a log off and counts the leader epoch up, as an unclean leader election does.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="endOffset">Batches that reach this offset or beyond are lost.</param>
    /// <remarks>Clients that read further than that learn so by OffsetForLeaderEpoch or by a diverging epoch in Fetch (KIP-320, KIP-595).</remarks>
    /// <exception cref="ArgumentException">There is no such partition.</exception>
    public void LoseRecords(string topic, int partition, long endOffset)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(endOffset);
        _state.Partition(topic, partition).LoseRecords(endOffset);
    }

    /// <summary>Forgets all idempotent producers of a partition that have no open transaction there, as Kafka does with those that were silent for a day: from one that it does not know it takes any sequence number.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="partition">The partition.</param>
    /// <exception cref="ArgumentException">There is no such partition.</exception>
    /// <remarks>Kafka calls the day <c>producer.id.expiration.ms</c>. The cluster obeys it too, by its clock, whenever it looks over its logs.</remarks>
    public void ForgetProducers(string topic, int partition) => _state.Partition(topic, partition).ForgetProducers(DateTimeOffset.MaxValue);

    /// <summary>Adds partitions to a topic.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="total">How many there are to be, with those that are there.</param>
    /// <exception cref="ArgumentException">There is no such topic, or it has as many partitions or more.</exception>
    public void AddPartitions(string topic, int total)
    {
        if (_state.AddPartitions(FindTopic(topic), total, null, validateOnly: false) is { } refusal)
        {
            throw new ArgumentException(refusal.Message, nameof(total));
        }
    }

    /// <summary>Deletes and compacts old records at once, as brokers do from time to time (<see cref="TestClusterOptions.LogRetentionCheckInterval"/>), and the newest segment with them.</summary>
    /// <param name="topic">The topic; <see langword="null"/> for all.</param>
    /// <remarks>
    /// What goes is what the topic's settings say, by the cluster's clock: <c>retention.ms</c>, <c>retention.bytes</c>, <c>cleanup.policy</c>, <c>min.compaction.lag.ms</c>. A tombstone goes
    /// <c>delete.retention.ms</c> after the first compaction that met it, so it takes two; a transaction's marker another one more.
    /// </remarks>
    /// <exception cref="ArgumentException">There is no such topic.</exception>
    public void CleanLogs(string? topic = null) => _logs.Clean(topic is null ? _state.Topics : [FindTopic(topic)]);

    private TopicState FindTopic(string name) => _state.Topic(name) ?? throw new ArgumentException($"The cluster has no topic {name}.");
}
