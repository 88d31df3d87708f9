using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Milena.Kafka.Producer.Internal;

/// <summary>The lock of one partition's queue, which every record takes: half as dear as <see cref="Lock"/>, since it does not know its holder.</summary>
/// <remarks>
/// It is held for the time that it takes to copy a record, and never across an await or another lock's wait. Who finds it taken spins, then yields and at
/// last sleeps for moments; it is not fair, and a thread that takes it twice hangs. A struct, so that <c>lock</c> on it does not compile.
/// </remarks>
internal struct QueueGate
{
    private int _isHeld;

    /// <summary>Takes the gate until what is returned is disposed.</summary>
    [UnscopedRef]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Scope Enter()
    {
        if (Interlocked.CompareExchange(ref _isHeld, 1, 0) != 0)
        {
            Contend();
        }

        return new Scope(ref _isHeld);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Contend()
    {
        var spinner = new SpinWait();
        do
        {
            spinner.SpinOnce();
        }
        while (Volatile.Read(ref _isHeld) != 0 || Interlocked.CompareExchange(ref _isHeld, 1, 0) != 0);
    }

    /// <summary>The time in which the gate is held.</summary>
    public readonly ref struct Scope(ref int isHeld)
    {
        private readonly ref int _isHeld = ref isHeld;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Dispose() => Volatile.Write(ref _isHeld, 0);
    }
}
