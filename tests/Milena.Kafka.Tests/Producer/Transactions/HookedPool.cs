using System.Buffers;

namespace Milena.Kafka.Tests.Producer.Transactions;

/// <summary>Does something once, when a batch asks for its buffer: a record has been let in then and is about to be added to it.</summary>
internal sealed class HookedPool : ArrayPool<byte>
{
    private Action? _once;

    public Action Once { set => Volatile.Write(ref _once, value); }

    public override byte[] Rent(int minimumLength)
    {
        Interlocked.Exchange(ref _once, null)?.Invoke();
        return Shared.Rent(minimumLength);
    }

    public override void Return(byte[] array, bool clearArray = false) => Shared.Return(array, clearArray);
}
