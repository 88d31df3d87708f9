using System.Buffers;

namespace Milena.Kafka.Protocol.Records;

/// <summary>A growing buffer from the shared pool that never takes much more than its limit. Owned by one caller; not thread-safe.</summary>
internal sealed class RentedBuffer(int limit) : IBufferWriter<byte>, IDisposable
{
    private const int FirstSize = 4096;

    // A codec may ask for more room than it fills in the end, within reason.
    private const int Slack = 128 * 1024;

    private byte[] _bytes = [];

    /// <summary>Bytes written so far.</summary>
    public int Written { get; private set; }

    public ReadOnlyMemory<byte> WrittenMemory => _bytes.AsMemory(0, Written);

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _bytes.Length - Written);
        if (count > limit - Written)
        {
            throw new InvalidDataException($"more than the allowed {limit:N0} bytes come out of the codec");
        }

        Written += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsMemory(Written);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsSpan(Written);
    }

    public void Dispose()
    {
        byte[] bytes = _bytes;
        _bytes = [];
        Written = 0;
        if (bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    private void Reserve(int sizeHint)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        int wanted = Math.Max(sizeHint, 1);
        if (_bytes.Length - Written >= wanted)
        {
            return;
        }

        long size = (long)Written + wanted;
        if (size > (long)limit + Slack)
        {
            throw new InvalidDataException($"the codec wants room for {size:N0} bytes where {limit:N0} are allowed");
        }

        long doubled = Math.Min(2L * _bytes.Length, (long)limit + Slack);
        byte[] larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(Math.Max(Math.Max(size, doubled), FirstSize), Array.MaxLength));
        _bytes.AsSpan(0, Written).CopyTo(larger);
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
        }

        _bytes = larger;
    }
}
