using System.Buffers;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using Milena.Kafka.Compression;

namespace Milena.Kafka.Benchmarks.Compression;

/// <summary>Snappy beside libsnappy: the same bytes, bare blocks; and the framing of Kafka's clients, which libsnappy does not have.</summary>
[Config(typeof(Config))]
[MemoryDiagnoser]
[CategoriesColumn]
public unsafe class SnappyBenchmarks
{
    private readonly SnappyCodec _raw = new(SnappyFormat.Raw);
    private readonly SnappyCodec _framed = new();
    private ArrayBufferWriter<byte> _output = new();
    private byte[] _bytes = [];
    private byte[] _block = [];
    private byte[] _frame = [];
    private byte[] _room = [];

    [Params(32 * 1024, 1024 * 1024)]
    public int Size { get; set; }

    [Params(PayloadKind.Json, PayloadKind.Noise)]
    public PayloadKind Payload { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _bytes = Compression.Payload.Create(Payload, Size);
        _room = new byte[Size * 2];
        _output = new ArrayBufferWriter<byte>(Size * 2);
        EncodeRaw();
        _block = _output.WrittenSpan.ToArray();
        EncodeFramed();
        _frame = _output.WrittenSpan.ToArray();
        Console.WriteLine($"// {Payload} of {Size} bytes: block {(double)_block.Length / Size:0.000}, framed {(double)_frame.Length / Size:0.000}");
    }

    [Benchmark(Baseline = true)]
    [BenchmarkCategory("Encode")]
    public nuint NativeEncode()
    {
        nuint length = (nuint)_room.Length;
        fixed (byte* input = _bytes)
        fixed (byte* output = _room)
        {
            _ = NativeSnappy.Compress(input, (nuint)_bytes.Length, output, ref length);
        }

        return length;
    }

    [Benchmark]
    [BenchmarkCategory("Encode")]
    public int EncodeRaw()
    {
        _output.ResetWrittenCount();
        _raw.Compress(new ReadOnlySequence<byte>(_bytes), _output);
        return _output.WrittenCount;
    }

    [Benchmark]
    [BenchmarkCategory("Encode")]
    public int EncodeFramed()
    {
        _output.ResetWrittenCount();
        _framed.Compress(new ReadOnlySequence<byte>(_bytes), _output);
        return _output.WrittenCount;
    }

    [Benchmark(Baseline = true)]
    [BenchmarkCategory("Decode")]
    public nuint NativeDecode()
    {
        nuint length = (nuint)_room.Length;
        fixed (byte* input = _block)
        fixed (byte* output = _room)
        {
            _ = NativeSnappy.Uncompress(input, (nuint)_block.Length, output, ref length);
        }

        return length;
    }

    [Benchmark]
    [BenchmarkCategory("Decode")]
    public int DecodeRaw()
    {
        _output.ResetWrittenCount();
        _raw.Decompress(_block, _output, Size);
        return _output.WrittenCount;
    }

    [Benchmark]
    [BenchmarkCategory("Decode")]
    public int DecodeFramed()
    {
        _output.ResetWrittenCount();
        _framed.Decompress(_frame, _output, Size);
        return _output.WrittenCount;
    }

    private sealed class Config() : CompressionConfig(NativeSnappy.Library);
}
