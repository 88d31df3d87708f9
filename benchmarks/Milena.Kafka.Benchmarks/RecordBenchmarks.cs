using BenchmarkDotNet.Attributes;
using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Benchmarks;

/// <summary>Records into a batch and out of it. Every figure is for one record; a batch holds 100.</summary>
[MemoryDiagnoser]
public class RecordBenchmarks
{
    private const int RecordsPerBatch = 100;
    private const long Timestamp = 1_700_000_000_000;

    private readonly RecordBatchWriter _writer = new(new byte[256 * 1024]);
    private byte[] _value = [];
    private byte[] _batch = [];

    /// <summary>Bytes of a value; there is no key.</summary>
    [Params(100, 1000)]
    public int ValueSize { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _value = new byte[ValueSize];
        new Random(1).NextBytes(_value);
        _batch = Encode().ToArray();
    }

    /// <summary>Append alone.</summary>
    [Benchmark(OperationsPerInvoke = RecordsPerBatch)]
    public int Append()
    {
        _writer.Reset(_writer.Buffer, _writer.Buffer.Length);
        for (int i = 0; i < RecordsPerBatch; i++)
        {
            _writer.TryAppend(Timestamp + i, RecordBytes.Null, _value);
        }

        return _writer.Size;
    }

    /// <summary>Append, header and CRC.</summary>
    [Benchmark(OperationsPerInvoke = RecordsPerBatch)]
    public ReadOnlyMemory<byte> Encode()
    {
        Append();
        return _writer.Close(RecordBatchFlags.None, BatchProducer.None);
    }

    /// <summary>The share of a record in the CRC of its batch.</summary>
    [Benchmark(OperationsPerInvoke = RecordsPerBatch)]
    public uint Crc() => Crc32C.Compute(_batch);

    /// <summary>CRC, parsing, and a look at each value.</summary>
    [Benchmark(OperationsPerInvoke = RecordsPerBatch)]
    public int Decode()
    {
        int size = 0;
        foreach (RecordBatch batch in new RecordBatches(_batch))
        {
            using BatchRecords records = batch.OpenRecords();
            foreach (ref readonly Record record in records)
            {
                size += record.ValueSpan.Length;
            }
        }

        return size;
    }
}
