using System.Buffers;

namespace Milena.Kafka.Compression.Tests.Support;

/// <summary>An output that gives exactly the room that was asked for, ends it at a guard page, and fails if more is asked for than the limit leaves.</summary>
public sealed class GuardedWriter(int limit, int slack = 0) : IBufferWriter<byte>, IDisposable
{
    private readonly GuardedMemory _room = new(limit + slack);
    private readonly byte[] _written = new byte[limit];
    private Memory<byte> _open;

    public int Written { get; private set; }

    /// <summary>The most bytes that were asked for at once.</summary>
    public int MostAsked { get; private set; }

    public ReadOnlySpan<byte> WrittenSpan => _written.AsSpan(0, Written);

    public void Reset()
    {
        Written = 0;
        MostAsked = 0;
        _open = default;
    }

    public void Advance(int count)
    {
        Assert.That(count, Is.InRange(0, _open.Length), "Advance beyond the room that was given");
        Assert.That(Written + count, Is.LessThanOrEqualTo(limit), "more than the limit was written");
        _open.Span[..count].CopyTo(_written.AsSpan(Written));
        Written += count;
        _open = default;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        int size = Math.Max(sizeHint, 1);
        MostAsked = Math.Max(MostAsked, size);
        if (size > limit - Written + slack && size > 1)
        {
            Assert.Fail($"{size} bytes were asked for with {Written} of {limit} written");
        }

        return _open = _room.Last(size);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public void Dispose() => ((IDisposable)_room).Dispose();
}
