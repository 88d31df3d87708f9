using System.Buffers;

namespace Milena.Kafka.Producer.Internal;

/// <summary>Where a calling thread serializes key and value before they are copied into a batch. One thread at a time.</summary>
internal sealed class SerializerScratch : IBufferWriter<byte>
{
    private const int FirstSize = 1024;

    // One huge record must not pin its size to the thread for ever.
    private const int LargestKept = 1024 * 1024;

    [ThreadStatic]
    private static SerializerScratch? _ofThread;

    private byte[] _bytes = new byte[FirstSize];

    public int Written { get; private set; }

    /// <summary>Takes the thread's scratch; a serializer that produces in turn gets another one.</summary>
    public static SerializerScratch Take()
    {
        SerializerScratch scratch = _ofThread ?? new SerializerScratch();
        _ofThread = null;
        scratch.Written = 0;
        return scratch;
    }

    public void GiveBack()
    {
        if (_bytes.Length <= LargestKept)
        {
            _ofThread = this;
        }
    }

    public ReadOnlySpan<byte> Slice(int start, int length) => _bytes.AsSpan(start, length);

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(_bytes.Length - Written));
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

    private void Reserve(int sizeHint)
    {
        int wanted = Math.Max(sizeHint, 1);
        if (_bytes.Length - Written < wanted)
        {
            long doubled = Math.Max(_bytes.Length * 2L, (long)Written + wanted);
            Array.Resize(ref _bytes, (int)Math.Min(doubled, Array.MaxLength));
        }
    }
}
