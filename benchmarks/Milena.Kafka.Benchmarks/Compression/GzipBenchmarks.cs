using System.Buffers;
using BenchmarkDotNet.Attributes;
using Milena.Kafka.Compression;

namespace Milena.Kafka.Benchmarks.Compression;

/// <summary>gzip through the runtime beside the zlib of the machine, each on levels 1 and 6. Both decode what our level 6 wrote.</summary>
[Config(typeof(Config))]
[MemoryDiagnoser]
[CategoriesColumn]
public unsafe class GzipBenchmarks
{
    private readonly GzipCodec _codec = new();
    private ArrayBufferWriter<byte> _output = new();
    private byte[] _bytes = [];
    private byte[] _stream = [];
    private byte[] _room = [];
    private NativeZlib.Stream* _fastEncoder;
    private NativeZlib.Stream* _encoder;
    private NativeZlib.Stream* _decoder;

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
        int fast = Encode(1);
        int size = Encode(6);
        _stream = _output.WrittenSpan.ToArray();
        Console.WriteLine($"// {Payload} of {Size} bytes: level 1 {(double)fast / Size:0.000}, level 6 {(double)size / Size:0.000}");
    }

    [GlobalSetup(Targets = [nameof(NativeEncodeFast), nameof(NativeEncode), nameof(NativeDecode)])]
    public void SetupNative()
    {
        Setup();
        _fastEncoder = NativeZlib.CreateEncoder(1);
        _encoder = NativeZlib.CreateEncoder(6);
        _decoder = NativeZlib.CreateDecoder();
        if (NativeDecode() != (nuint)Size)
        {
            throw new InvalidOperationException("zlib does not read our stream.");
        }

        Console.WriteLine($"// zlib on {Payload} of {Size} bytes: level 1 {(double)NativeEncodeFast() / Size:0.000}, level 6 {(double)NativeEncode() / Size:0.000}");
    }

    [GlobalCleanup(Targets = [nameof(NativeEncodeFast), nameof(NativeEncode), nameof(NativeDecode)])]
    public void CleanupNative()
    {
        NativeZlib.FreeEncoder(_fastEncoder);
        NativeZlib.FreeEncoder(_encoder);
        NativeZlib.FreeDecoder(_decoder);
    }

    [Benchmark(Baseline = true)]
    [BenchmarkCategory("Encode level 1")]
    public nuint NativeEncodeFast() => NativeZlib.Compress(_fastEncoder, _bytes, _room);

    [Benchmark]
    [BenchmarkCategory("Encode level 1")]
    public int EncodeFast() => Encode(1);

    [Benchmark(Baseline = true)]
    [BenchmarkCategory("Encode level 6")]
    public nuint NativeEncode() => NativeZlib.Compress(_encoder, _bytes, _room);

    [Benchmark]
    [BenchmarkCategory("Encode level 6")]
    public int Encode() => Encode(6);

    [Benchmark(Baseline = true)]
    [BenchmarkCategory("Decode")]
    public nuint NativeDecode() => NativeZlib.Decompress(_decoder, _stream, _room);

    [Benchmark]
    [BenchmarkCategory("Decode")]
    public int Decode()
    {
        _output.ResetWrittenCount();
        _codec.Decompress(_stream, _output, Size);
        return _output.WrittenCount;
    }

    private int Encode(int level)
    {
        _output.ResetWrittenCount();
        _codec.Compress(new ReadOnlySequence<byte>(_bytes), _output, level);
        return _output.WrittenCount;
    }

    private sealed class Config() : CompressionConfig(NativeZlib.Library);
}
