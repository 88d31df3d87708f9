using System.Buffers;
using BenchmarkDotNet.Attributes;
using Milena.Kafka.Compression;

namespace Milena.Kafka.Benchmarks.Compression;

/// <summary>Zstandard beside libzstd: the same bytes, frames with their content size and without checksums. Both decode what our level 3 wrote.</summary>
[Config(typeof(Config))]
[MemoryDiagnoser]
[CategoriesColumn]
public unsafe class ZstdBenchmarks
{
    private readonly ZstdCodec _codec = new();
    private ArrayBufferWriter<byte> _output = new();
    private byte[] _bytes = [];
    private byte[] _frame = [];
    private byte[] _room = [];
    private nint _encoder;
    private nint _decoder;

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
        int size = Encode(3);
        _frame = _output.WrittenSpan.ToArray();
        Console.WriteLine($"// {Payload} of {Size} bytes: level 1 {(double)fast / Size:0.000}, level 3 {(double)size / Size:0.000}");
    }

    [GlobalSetup(Targets = [nameof(NativeEncodeFast), nameof(NativeEncode), nameof(NativeDecode)])]
    public void SetupNative()
    {
        Setup();
        _encoder = NativeZstd.CreateEncoder();
        _decoder = NativeZstd.CreateDecoder();
        Console.WriteLine($"// libzstd on {Payload} of {Size} bytes: level 1 {(double)NativeEncode(1) / Size:0.000}, level 3 {(double)NativeEncode(3) / Size:0.000}");
    }

    [GlobalCleanup(Targets = [nameof(NativeEncodeFast), nameof(NativeEncode), nameof(NativeDecode)])]
    public void CleanupNative()
    {
        _ = NativeZstd.FreeEncoder(_encoder);
        _ = NativeZstd.FreeDecoder(_decoder);
    }

    [Benchmark(Baseline = true)]
    [BenchmarkCategory("Encode level 1")]
    public nuint NativeEncodeFast() => NativeEncode(1);

    [Benchmark]
    [BenchmarkCategory("Encode level 1")]
    public int EncodeFast() => Encode(1);

    [Benchmark(Baseline = true)]
    [BenchmarkCategory("Encode level 3")]
    public nuint NativeEncode() => NativeEncode(3);

    [Benchmark]
    [BenchmarkCategory("Encode level 3")]
    public int Encode() => Encode(3);

    [Benchmark(Baseline = true)]
    [BenchmarkCategory("Decode")]
    public nuint NativeDecode()
    {
        fixed (byte* input = _frame)
        fixed (byte* output = _room)
        {
            return NativeZstd.Decompress(_decoder, output, (nuint)_room.Length, input, (nuint)_frame.Length);
        }
    }

    [Benchmark]
    [BenchmarkCategory("Decode")]
    public int Decode()
    {
        _output.ResetWrittenCount();
        _codec.Decompress(_frame, _output, Size);
        return _output.WrittenCount;
    }

    private int Encode(int level)
    {
        _output.ResetWrittenCount();
        _codec.Compress(new ReadOnlySequence<byte>(_bytes), _output, level);
        return _output.WrittenCount;
    }

    private nuint NativeEncode(int level)
    {
        fixed (byte* input = _bytes)
        fixed (byte* output = _room)
        {
            return NativeZstd.Compress(_encoder, output, (nuint)_room.Length, input, (nuint)_bytes.Length, level);
        }
    }

    private sealed class Config() : CompressionConfig(NativeZstd.Library);
}
