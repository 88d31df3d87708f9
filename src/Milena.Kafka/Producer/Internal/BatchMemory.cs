using System.Buffers;

namespace Milena.Kafka.Producer.Internal;

/// <summary>The buffers of batches and the budget that bounds them.</summary>
internal sealed class BatchMemory
{
    private readonly ArrayPool<byte> _pool;

    public BatchMemory(long budget, ArrayPool<byte> pool)
    {
        Budget = new FairSemaphore(budget);
        _pool = pool;
    }

    /// <summary>Bytes that no batch has taken. A batch's share is taken here before <see cref="Rent"/>.</summary>
    public FairSemaphore Budget { get; }

    public byte[] Rent(int capacity) => _pool.Rent(capacity);

    /// <summary>Takes back a buffer whose share of the budget went to a larger one.</summary>
    public void Return(byte[] buffer) => _pool.Return(buffer);

    /// <summary>Takes back a buffer and its share of the budget. Only for the last user of the buffer, once.</summary>
    public void Return(byte[] buffer, int capacity)
    {
        _pool.Return(buffer);
        Budget.Release(capacity);
    }
}
