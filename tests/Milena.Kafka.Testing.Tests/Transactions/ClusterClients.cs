using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Protocol.Records;
using static Milena.Kafka.Testing.Tests.Requests;

namespace Milena.Kafka.Testing.Tests.Transactions;

/// <summary>A connection to each broker, and a reader of committed records that follows the description of the format and nothing else.</summary>
internal sealed class ClusterClients(TestCluster cluster, CancellationToken bound) : IDisposable
{
    private readonly Dictionary<int, RawClient> _clients = [];

    public TestCluster Cluster { get; } = cluster;

    public CancellationToken Bound { get; } = bound;

    public async Task<RawClient> ToAsync(int brokerId)
    {
        if (!_clients.TryGetValue(brokerId, out RawClient? client))
        {
            _clients[brokerId] = client = await RawClient.ConnectAsync(Cluster, brokerId, Bound);
        }

        return client;
    }

    /// <summary>Gives up the connection to a broker that is about to stop.</summary>
    public void Leave(int brokerId)
    {
        if (_clients.Remove(brokerId, out RawClient? client))
        {
            client.Dispose();
        }
    }

    /// <summary>What a reader of committed records sees of a partition, from an offset to the last stable one.</summary>
    public async Task<IReadOnlyList<string>> ReadCommittedAsync(int partition, long from = 0, int maxBytes = 1 << 20)
    {
        var values = new List<string>();
        while (true)
        {
            FetchResponse.PartitionData data = await FetchAsync(partition, from, maxBytes);
            Assert.That(data.ErrorCode, Is.EqualTo(ErrorCode.None));
            Assert.That(data.LastStableOffset, Is.EqualTo(Cluster.LastStableOffset(Topic, partition)));
            long next = Filter(data, from, values);
            if (next == from)
            {
                Assert.That(from, Is.EqualTo(data.LastStableOffset), "a reader gets to the last stable offset");
                return values;
            }

            from = next;
        }
    }

    public async Task<FetchResponse.PartitionData> FetchAsync(int partition, long offset, int maxBytes = 1 << 20)
    {
        FetchRequest request = Fetch(offset, partition: partition, partitionMaxBytes: maxBytes, maxBytes: maxBytes);
        request.IsolationLevel = (sbyte)IsolationLevel.ReadCommitted;
        return await (await ToAsync(Cluster.Leader(Topic, partition))).FetchAsync(request, Bound);
    }

    /// <summary>The stored position of a group; -1 if there is none, an error in place of it if there is one.</summary>
    public async Task<(long Offset, ErrorCode Error)> FetchPositionAsync(string group, int partition, bool requireStable = true)
    {
        OffsetFetchResponse response = await (await ToAsync(Cluster.Coordinator(group))).SendAsync(
            new OffsetFetchRequest { RequireStable = requireStable, Groups = [new() { GroupId = group, Topics = [new() { Name = Topic, PartitionIndexes = [partition] }] }] },
            8,
            Bound);
        OffsetFetchResponse.OffsetFetchResponsePartitions answer = response.Groups.Single().Topics.Single().Partitions.Single();
        return (answer.CommittedOffset, answer.ErrorCode);
    }

    public void Dispose()
    {
        foreach (RawClient client in _clients.Values)
        {
            client.Dispose();
        }
    }

    private static long Filter(FetchResponse.PartitionData data, long from, List<string> values)
    {
        var aborted = new Queue<FetchResponse.AbortedTransaction>(data.AbortedTransactions!.OrderBy(transaction => transaction.FirstOffset));
        var abortedProducers = new HashSet<long>();
        foreach (RecordBatch batch in new RecordBatches(data.Records.GetValueOrDefault()))
        {
            while (aborted.TryPeek(out FetchResponse.AbortedTransaction? next) && next.FirstOffset <= batch.LastOffset)
            {
                abortedProducers.Add(aborted.Dequeue().ProducerId);
            }

            bool isAborted = batch.IsTransactional && abortedProducers.Contains(batch.Producer.Id);
            using BatchRecords records = batch.OpenRecords();
            foreach (ref readonly Record record in records)
            {
                if (batch.IsControl)
                {
                    if (ControlRecord.Read(record).Type == ControlRecordType.Abort)
                    {
                        abortedProducers.Remove(batch.Producer.Id);
                    }
                }
                else if (!isAborted && record.Offset >= from)
                {
                    values.Add(System.Text.Encoding.UTF8.GetString(record.ValueSpan));
                }
            }

            from = Math.Max(from, batch.NextOffset);
        }

        return from;
    }
}
