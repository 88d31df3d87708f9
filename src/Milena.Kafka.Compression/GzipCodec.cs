using System.Buffers;
using System.IO.Compression;

namespace Milena.Kafka.Compression;

/// <summary>gzip (RFC 1952) on the runtime's own zlib.</summary>
/// <remarks>
/// The runtime offers gzip as a stream only and such a stream cannot be reset, so each call allocates a few small objects, about 300 bytes
/// in all, and a native zlib state; the bytes themselves pass through pooled buffers.
/// </remarks>
public sealed class GzipCodec : ICompressionCodec
{
    private const string FormatName = "gzip";
    private const int BlockSize = 16 * 1024;
    private const int MinLevel = 1;
    private const int MaxLevel = 9;
    private const int DefaultLevel = 6;

    // The runtime's stream takes a stream that was cut off for a whole one, and leaves out what follows a member and is none. So a member
    // with this mark is put behind each: it comes out at the end only if all before it was whole. Another one in every process, or content
    // could end with it.
    private static readonly byte[] EndMark = Guid.NewGuid().ToByteArray();
    private static readonly byte[] EndMember = CreateEndMember();

    private static ReadOnlySpan<byte> EmptyMember => [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    /// <inheritdoc/>
    public string Name => FormatName;

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
    /// <remarks>
    /// Several gzip members one after the other give the bytes of all. The checksum of each is verified, and bytes that are no member
    /// are refused. The place that an error names is how far the runtime had read, up to 8 KiB beyond the fault.
    /// </remarks>
    public void Decompress(ReadOnlyMemory<byte> source, IBufferWriter<byte> destination, int maxOutputSize)
    {
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentOutOfRangeException.ThrowIfNegative(maxOutputSize);
        if (source.IsEmpty)
        {
            InvalidStream.Throw(FormatName, "it has no bytes", 0);
        }

        using var compressed = new ReadOnlyMemoryStream(source, EndMember);
        using var gzip = new GZipStream(compressed, CompressionMode.Decompress, leaveOpen: true);
        byte[] block = ArrayPool<byte>.Shared.Rent(BlockSize);
        try
        {
            Copy(gzip, compressed, block, destination, maxOutputSize);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
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
        WriteMember(new ReadOnlySequence<byte>(EndMark), member, DefaultLevel);
        return member.WrittenSpan.ToArray();
    }

    // Writes all but the end mark, of which a part may come with each block.
    private static void Copy(GZipStream gzip, ReadOnlyMemoryStream compressed, byte[] block, IBufferWriter<byte> destination, int maxOutputSize)
    {
        int held = 0;
        int left = maxOutputSize;
        while (Read(gzip, compressed, block.AsSpan(held)) is > 0 and int read)
        {
            int total = held + read;
            held = Math.Min(total, EndMark.Length);
            int done = total - held;
            if (done > left)
            {
                InvalidStream.ThrowTooLarge(FormatName, compressed.Position, maxOutputSize);
            }

            if (done > 0)
            {
                block.AsSpan(0, done).CopyTo(destination.GetSpan(done));
                destination.Advance(done);
                left -= done;
                block.AsSpan(done, held).CopyTo(block);
            }
        }

        if (!block.AsSpan(0, held).SequenceEqual(EndMark))
        {
            InvalidStream.Throw(FormatName, "it is cut off, or something that is no gzip member follows", compressed.Position);
        }
    }

    // zlib's own errors come as a kind of IOException, those of the runtime as InvalidDataException.
    private static int Read(GZipStream gzip, ReadOnlyMemoryStream compressed, Span<byte> block)
    {
        try
        {
            return gzip.Read(block);
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException)
        {
            InvalidStream.Throw(FormatName, $"the runtime's zlib says \"{exception.Message}\"", compressed.Position, exception);
            return 0;
        }
    }
}
