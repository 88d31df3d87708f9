using System.Buffers;

namespace Milena.Kafka.Producer.Internal;

/// <summary>Keeps the buffers of full-sized batches for the life of a producer; the budget bounds how many there are. Others come from the shared pool.</summary>
/// <remarks>The shared pool keeps a few buffers for each core only, while a busy producer has hundreds out and gets them back on other threads.</remarks>
internal sealed class BatchBufferPool(int batchSize) : ArrayPool<byte>
{
    private readonly Lock _gate = new();
    private readonly Stack<byte[]> _free = new();

    public override byte[] Rent(int minimumLength)
    {
        if (minimumLength != batchSize)
        {
            return Shared.Rent(minimumLength);
        }

        lock (_gate)
        {
            if (_free.TryPop(out byte[]? buffer))
            {
                return buffer;
            }
        }

        return GC.AllocateUninitializedArray<byte>(batchSize);
    }

    public override void Return(byte[] array, bool clearArray = false)
    {
        if (array.Length != batchSize)
        {
            Shared.Return(array, clearArray);
            return;
        }

        lock (_gate)
        {
            _free.Push(array);
        }
    }
}
