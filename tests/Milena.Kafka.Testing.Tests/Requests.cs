using System.Text;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Testing.Tests;

/// <summary>Requests that tests send often.</summary>
internal static class Requests
{
    public const string Topic = "t";

    public static byte[] Batch(BatchProducer producer, params string[] values) => Batch(producer, 1_700_000_000_000, values);

    public static byte[] Batch(params string[] values) => Batch(BatchProducer.None, values);

    public static byte[] Batch(BatchProducer producer, long timestamp, params string[] values)
    {
        var writer = new RecordBatchWriter(new byte[RecordBatchWriter.HeaderSize + values.Sum(value => 64 + Encoding.UTF8.GetByteCount(value))]);
        foreach (string value in values)
        {
            Assert.That(writer.TryAppend(timestamp++, RecordBytes.Null, Encoding.UTF8.GetBytes(value)));
        }

        return writer.Close(RecordBatchFlags.None, producer).ToArray();
    }

    public static ProduceRequest Produce(ReadOnlyMemory<byte>? records, int partition = 0, Acks acks = Acks.All, Guid topicId = default) => new()
    {
        Acks = (short)acks,
        TimeoutMs = 1000,
        TopicData = [new() { Name = Topic, TopicId = topicId, PartitionData = [new() { Index = partition, Records = records }] }],
    };

    public static FetchRequest Fetch(long offset, int maxWaitMs = 0, int minBytes = 1, int partitionMaxBytes = 1 << 20, int maxBytes = 1 << 20, int partition = 0) => new()
    {
        MaxWaitMs = maxWaitMs,
        MinBytes = minBytes,
        MaxBytes = maxBytes,
        Topics = [new() { Topic = Topic, Partitions = [new() { Partition = partition, FetchOffset = offset, PartitionMaxBytes = partitionMaxBytes }] }],
    };

    public static ListOffsetsRequest ListOffsets(long timestamp) => new()
    {
        ReplicaId = -1,
        Topics = [new() { Name = Topic, Partitions = [new() { PartitionIndex = 0, Timestamp = timestamp }] }],
    };

    public static async Task<ProduceResponse.PartitionProduceResponse> ProduceAsync(
        this RawClient client,
        ReadOnlyMemory<byte>? records,
        CancellationToken cancellationToken,
        int partition = 0,
        short version = 9,
        Guid topicId = default) =>
        (await client.SendAsync(Produce(records, partition, topicId: topicId), version, cancellationToken)).Responses.Single().PartitionResponses.Single();

    public static async Task<FetchResponse.PartitionData> FetchAsync(this RawClient client, FetchRequest request, CancellationToken cancellationToken, short version = 12) =>
        (await client.SendAsync(request, version, cancellationToken)).Responses.Single().Partitions.Single();

    public static async Task<ListOffsetsResponse.ListOffsetsPartitionResponse> ListOffsetsAsync(
        this RawClient client,
        long timestamp,
        CancellationToken cancellationToken,
        short version = 9) =>
        (await client.SendAsync(ListOffsets(timestamp), version, cancellationToken)).Topics.Single().Partitions.Single();

    /// <summary>Sets settings of a resource.</summary>
    public static async Task<ErrorCode> SetConfigsAsync(
        this RawClient client, ConfigResourceType type, string name, CancellationToken cancellationToken, params (string Name, string Value)[] settings)
    {
        var request = new IncrementalAlterConfigsRequest
        {
            Resources =
            [
                new()
                {
                    ResourceType = (sbyte)type,
                    ResourceName = name,
                    Configs = [.. settings.Select(setting => new IncrementalAlterConfigsRequest.AlterableConfig { Name = setting.Name, Value = setting.Value, ConfigOperation = (sbyte)AlterConfigOp.Set })],
                },
            ],
        };
        return (await client.SendAsync(request, 1, cancellationToken)).Responses.Single().ErrorCode;
    }

    public static IReadOnlyList<string> Values(ReadOnlyMemory<byte>? records)
    {
        var values = new List<string>();
        foreach (RecordBatch batch in new RecordBatches(records.GetValueOrDefault()))
        {
            using BatchRecords opened = batch.OpenRecords();
            foreach (ref readonly Record record in opened)
            {
                values.Add(Encoding.UTF8.GetString(record.ValueSpan));
            }
        }

        return values;
    }
}
