using System.Buffers;

namespace Milena.Kafka.Producer.Internal;

/// <summary>Keeps the buffers of batches for the life of a producer, by size; never more than the budget. Odd sizes come from the shared pool.</summary>
/// <remarks>The shared pool keeps a few buffers for each core only, while a busy producer has hundreds out and gets them back on other threads.</remarks>
internal sealed class BatchBufferPool : ArrayPool<byte>
{
    private readonly Lock _gate = new();
    private readonly long _budget;
    private readonly int[] _sizes;
    private readonly Stack<byte[]>[] _free;
    private long _kept;

    /// <summary>Makes an empty one.</summary>
    /// <param name="batchSize">The bytes of a full batch.</param>
    /// <param name="budget">The most bytes that are kept.</param>
    public BatchBufferPool(int batchSize, long budget)
    {
        _budget = budget;
        _sizes = [.. BatchRoom.Sizes(batchSize)];
        _free = [.. _sizes.Select(_ => new Stack<byte[]>())];
    }

    public override byte[] Rent(int minimumLength)
    {
        int place = _sizes.IndexOf(minimumLength);
        if (place < 0)
        {
            return Shared.Rent(minimumLength);
        }

        lock (_gate)
        {
            if (_free[place].TryPop(out byte[]? buffer))
            {
                _kept -= buffer.Length;
                return buffer;
            }
        }

        return GC.AllocateUninitializedArray<byte>(minimumLength);
    }

    public override void Return(byte[] array, bool clearArray = false)
    {
        int place = _sizes.IndexOf(array.Length);
        if (place < 0)
        {
            Shared.Return(array, clearArray);
            return;
        }

        lock (_gate)
        {
            if (_kept + array.Length <= _budget)
            {
                _kept += array.Length;
                _free[place].Push(array);
            }
        }
    }
}
