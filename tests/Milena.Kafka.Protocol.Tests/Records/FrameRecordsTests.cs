using System.Buffers.Text;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Protocol.Tests.Records;

/// <summary>The records within frames that real clients and brokers exchanged, against what Kafka's own classes read from them.</summary>
public class FrameRecordsTests
{
    private static readonly string Folder = Path.Combine(TestContext.CurrentContext.TestDirectory, "Vectors");

    [Test]
    [CancelAfter(60_000)]
    public void Every_record_of_a_frame_reads_as_Kafka_reads_it([Values("Produce", "Fetch", "ShareFetch")] string api)
    {
        string[] frames = File.ReadAllLines(Path.Combine(Folder, api + ".tsv"));
        var missing = new SortedDictionary<CompressionType, int>();
        int compared = 0;
        foreach (IGrouping<int, string[]> rows in Rows(api).GroupBy(static row => int.Parse(row[1], null)))
        {
            Dictionary<string, RecordBatch> batches = BatchesOf(api, frames[rows.Key - 1]);
            foreach (IGrouping<string, string[]> expected in rows.GroupBy(static row => string.Join('\t', row[2..5])))
            {
                Assert.That(batches, Contains.Key(expected.Key), $"{api} line {rows.Key}");
                RecordBatch batch = batches[expected.Key];
                batch.EnsureValidCrc();
                if (!IsReadable(batch))
                {
                    missing[batch.Compression] = missing.GetValueOrDefault(batch.Compression) + expected.Count();
                    continue;
                }

                Assert.That(Lines(batch), Is.EqualTo(expected.Select(static row => string.Join('\t', row[5..]))), $"{api} line {rows.Key} {expected.Key}");
                compared += expected.Count();
            }
        }

        Assert.That(compared, Is.Positive);
        Assert.That(missing, Is.Empty, "rows that no codec could read");
    }

    private static IEnumerable<string[]> Rows(string api) => File.ReadAllLines(Path.Combine(Folder, "records.tsv"))
        .Where(row => row.StartsWith(api + "\t", StringComparison.Ordinal))
        .Select(static row => row.Split('\t'));

    private static bool IsReadable(in RecordBatch batch) =>
        batch.Compression == CompressionType.None || CompressionCodecs.Default.TryGet(batch.Compression, out _);

    private static List<string> Lines(RecordBatch batch)
    {
        List<string> records = RecordText.Lines(batch);
        string timestampType = batch.Magic == 0 ? "NoTimestampType" : batch.TimestampType.ToString();
        string flags = $"{(batch.IsTransactional ? 't' : '-')}{(batch.IsControl ? 'c' : '-')}";

        // The first offset of a compressed message set is known from its first record only.
        string baseOffset = batch.RecordCount < 0 ? records[0].Split('\t')[0] : batch.BaseOffset.ToString(null, null);
        string head = string.Join(
            '\t',
            batch.Magic,
            RecordText.Codec(batch.Compression),
            baseOffset,
            batch.LastOffset,
            timestampType,
            batch.Producer.Id,
            batch.Producer.Epoch,
            batch.Producer.BaseSequence,
            flags);
        return records.Count == 0 ? [head + "\t-"] : [.. records.Select(record => head + "\t" + record)];
    }

    private static Dictionary<string, RecordBatch> BatchesOf(string api, string line)
    {
        string[] columns = line.Split('\t');
        short version = short.Parse(columns[2], null);
        var reader = new ProtocolReader(Convert.FromHexString(columns[4]));
        return api switch
        {
            "Produce" => Index(Produce(ref reader, version)),
            "Fetch" => Index(Fetch(ref reader, version)),
            _ => Index(ShareFetch(ref reader, version)),
        };
    }

    private static Dictionary<string, RecordBatch> Index(IEnumerable<(string Topic, int Partition, ReadOnlyMemory<byte>? Records)> fields)
    {
        var batches = new Dictionary<string, RecordBatch>();
        foreach ((string topic, int partition, ReadOnlyMemory<byte>? records) in fields)
        {
            int number = 0;
            foreach (RecordBatch batch in new RecordBatches(records.GetValueOrDefault()))
            {
                batches.Add($"{topic}\t{partition}\t{number++}", batch);
            }
        }

        return batches;
    }

    private static List<(string, int, ReadOnlyMemory<byte>?)> Produce(ref ProtocolReader reader, short version)
    {
        RequestHeader.Read(ref reader, Apis.Produce.RequestHeaderVersion(version));
        ProduceRequest request = ProduceRequest.Read(ref reader, version);
        return [.. request.TopicData.SelectMany(topic => topic.PartitionData.Select(partition => (NameOf(topic.Name, topic.TopicId), partition.Index, partition.Records)))];
    }

    private static List<(string, int, ReadOnlyMemory<byte>?)> Fetch(ref ProtocolReader reader, short version)
    {
        ResponseHeader.Read(ref reader, Apis.Fetch.ResponseHeaderVersion(version));
        FetchResponse response = FetchResponse.Read(ref reader, version);
        return [.. response.Responses.SelectMany(topic => topic.Partitions.Select(partition => (NameOf(topic.Topic, topic.TopicId), partition.PartitionIndex, partition.Records)))];
    }

    private static List<(string, int, ReadOnlyMemory<byte>?)> ShareFetch(ref ProtocolReader reader, short version)
    {
        ResponseHeader.Read(ref reader, Apis.ShareFetch.ResponseHeaderVersion(version));
        ShareFetchResponse response = ShareFetchResponse.Read(ref reader, version);
        return [.. response.Responses.SelectMany(topic => topic.Partitions.Select(partition => (NameOf("", topic.TopicId), partition.PartitionIndex, partition.Records)))];
    }

    private static string NameOf(string name, Guid id) => name.Length > 0 ? name : Base64Url.EncodeToString(id.ToByteArray(bigEndian: true));
}
