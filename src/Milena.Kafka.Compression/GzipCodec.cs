using System.Buffers;
using System.IO.Compression;

namespace Milena.Kafka.Compression;

/// <summary>gzip (RFC 1952) on the runtime's own zlib.</summary>
/// <remarks>
/// The runtime offers gzip as a stream only and such a stream cannot be reset, so each call allocates a few small objects and a
/// native zlib state; the data itself passes through pooled buffers.
/// </remarks>
public sealed class GzipCodec : ICompressionCodec
{
    private const int BlockSize = 16 * 1024;
    private const int MinLevel = 1;
    private const int MaxLevel = 9;
    private const int DefaultLevel = 6;

    // The runtime's stream takes a stream that was cut off for a whole one. So a member with this mark is put behind each: it
    // comes out at the end only if all before it was whole.
    private static readonly byte[] EndMember = CreateEndMember();

    private static ReadOnlySpan<byte> EndMark => "end of the stream"u8;

    private static ReadOnlySpan<byte> EmptyMember => [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    /// <inheritdoc/>
    public string Name => "gzip";

    /// <inheritdoc/>
    /// <remarks>Levels go from 1 (fast) to 9 (small); 6 is the default. Kafka's <c>compression.gzip.level</c> (KIP-390) also writes -1 for the default.</remarks>
    public void Compress(in ReadOnlySequence<byte> source, IBufferWriter<byte> destination, int? level = null)
    {
        ArgumentNullException.ThrowIfNull(destination);
        int wanted = level is null or -1 ? DefaultLevel : level.Value;
        ArgumentOutOfRangeException.ThrowIfLessThan(wanted, MinLevel, nameof(level));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(wanted, MaxLevel, nameof(level));

        if (source.IsEmpty)
        {
            // The runtime's stream would write nothing at all, and nothing is not a gzip stream.
            destination.Write(EmptyMember);
            return;
        }

        WriteMember(source, destination, wanted);
    }

    /// <inheritdoc/>
    /// <remarks>Several gzip members one after the other give the bytes of all. The checksum of each is verified.</remarks>
    public void Decompress(ReadOnlyMemory<byte> source, IBufferWriter<byte> destination, int maxOutputSize)
    {
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentOutOfRangeException.ThrowIfNegative(maxOutputSize);
        if (source.IsEmpty)
        {
            throw new InvalidDataException("A gzip stream of no bytes.");
        }

        try
        {
            using var compressed = new ReadOnlyMemoryStream(source, EndMember);
            using var gzip = new GZipStream(compressed, CompressionMode.Decompress, leaveOpen: true);
            Copy(gzip, destination, maxOutputSize);
        }
        catch (IOException exception)
        {
            // zlib's own errors come as a kind of IOException.
            throw new InvalidDataException($"A corrupt gzip stream: {exception.Message}", exception);
        }
    }

    private static void WriteMember(in ReadOnlySequence<byte> source, IBufferWriter<byte> destination, int level)
    {
        using var target = new BufferWriterStream(destination);
        using var gzip = new GZipStream(target, new ZLibCompressionOptions { CompressionLevel = level }, leaveOpen: true);
        foreach (ReadOnlyMemory<byte> segment in source)
        {
            gzip.Write(segment.Span);
        }
    }

    private static byte[] CreateEndMember()
    {
        var member = new ArrayBufferWriter<byte>();
        WriteMember(new ReadOnlySequence<byte>(EndMark.ToArray()), member, DefaultLevel);
        return member.WrittenSpan.ToArray();
    }

    // Writes all but the end mark, of which a part may come with each block.
    private static void Copy(GZipStream gzip, IBufferWriter<byte> destination, int maxOutputSize)
    {
        Span<byte> tail = stackalloc byte[EndMark.Length];
        int held = 0;
        int left = maxOutputSize;
        while (true)
        {
            Span<byte> block = destination.GetSpan(EndMark.Length + Math.Clamp(left, 1, BlockSize));
            tail[..held].CopyTo(block);
            int read = gzip.Read(block[held..]);
            if (read == 0)
            {
                break;
            }

            int total = held + read;
            held = Math.Min(total, EndMark.Length);
            int done = total - held;
            if (done > left)
            {
                throw new InvalidDataException($"A gzip stream holds more than the allowed {maxOutputSize:N0} bytes.");
            }

            block[done..total].CopyTo(tail);
            destination.Advance(done);
            left -= done;
        }

        if (!tail[..held].SequenceEqual(EndMark))
        {
            throw new InvalidDataException("A gzip stream is cut off.");
        }
    }
}
