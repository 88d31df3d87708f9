namespace Milena.Kafka.Compression;

/// <summary>A read-only stream over two runs of memory that are not copied, for codecs that only know streams.</summary>
internal sealed class ReadOnlyMemoryStream(ReadOnlyMemory<byte> first, ReadOnlyMemory<byte> second) : Stream
{
    private readonly int _length = first.Length;
    private ReadOnlyMemory<byte> _first = first;
    private ReadOnlyMemory<byte> _second = second;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    /// <summary>How much of the first run was read.</summary>
    public override long Position
    {
        get => _length - _first.Length;
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        int read = Take(ref _first, buffer);
        return read + Take(ref _second, buffer[read..]);
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private static int Take(ref ReadOnlyMemory<byte> source, Span<byte> buffer)
    {
        int count = Math.Min(buffer.Length, source.Length);
        source.Span[..count].CopyTo(buffer);
        source = source[count..];
        return count;
    }
}
