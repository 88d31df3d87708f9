using System.Buffers;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using Milena.Kafka.Compression;

namespace Milena.Kafka.Benchmarks.Compression;

/// <summary>LZ4 beside liblz4: the same bytes, frames of independent blocks of 64 KiB without checksums.</summary>
[Config(typeof(Config))]
[MemoryDiagnoser]
[CategoriesColumn]
public unsafe class Lz4Benchmarks
{
    private readonly Lz4Codec _codec = new();
    private ArrayBufferWriter<byte> _output = new();
    private byte[] _bytes = [];
    private byte[] _frame = [];
    private byte[] _room = [];
    private nint _context;

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
        Encode();
        _frame = _output.WrittenSpan.ToArray();
        Console.WriteLine($"// {Payload} of {Size} bytes: {(double)_frame.Length / Size:0.000}");
    }

    [GlobalSetup(Targets = [nameof(NativeEncode), nameof(NativeDecode)])]
    public void SetupNative()
    {
        Setup();
        _ = NativeLz4.CreateDecompressionContext(out _context, NativeLz4.Version);
    }

    [GlobalCleanup(Targets = [nameof(NativeEncode), nameof(NativeDecode)])]
    public void CleanupNative() => _ = NativeLz4.FreeDecompressionContext(_context);

    [Benchmark(Baseline = true)]
    [BenchmarkCategory("Encode")]
    public nuint NativeEncode() => NativeEncode(0);

    [Benchmark]
    [BenchmarkCategory("Encode")]
    public int Encode() => Encode(null);

    [Benchmark(Baseline = true)]
    [BenchmarkCategory("Encode level 9")]
    public nuint NativeEncodeHigh() => NativeEncode(9);

    [Benchmark]
    [BenchmarkCategory("Encode level 9")]
    public int EncodeHigh() => Encode(9);

    [Benchmark(Baseline = true)]
    [BenchmarkCategory("Decode")]
    public nuint NativeDecode()
    {
        nuint length = (nuint)_room.Length;
        nuint taken = (nuint)_frame.Length;
        fixed (byte* input = _frame)
        fixed (byte* output = _room)
        {
            _ = NativeLz4.Decompress(_context, output, ref length, input, ref taken, null);
        }

        return length;
    }

    [Benchmark]
    [BenchmarkCategory("Decode")]
    public int Decode()
    {
        _output.ResetWrittenCount();
        _codec.Decompress(_frame, _output, Size);
        return _output.WrittenCount;
    }

    private int Encode(int? level)
    {
        _output.ResetWrittenCount();
        _codec.Compress(new ReadOnlySequence<byte>(_bytes), _output, level);
        return _output.WrittenCount;
    }

    private nuint NativeEncode(int level)
    {
        var preferences = new NativeLz4.Preferences { BlockSize = 4, BlockMode = 1, Level = level };
        fixed (byte* input = _bytes)
        fixed (byte* output = _room)
        {
            return NativeLz4.CompressFrame(output, (nuint)_room.Length, input, (nuint)_bytes.Length, preferences);
        }
    }

    private sealed class Config() : CompressionConfig(NativeLz4.Library);
}
