using System.Buffers;

namespace Milena.Kafka.Tests.Support;

/// <summary>A pool that makes each misuse visible: what comes back is overwritten, and a second return throws.</summary>
internal sealed class TrackingPool : ArrayPool<byte>
{
    private readonly Lock _gate = new();
    private readonly HashSet<byte[]> _rented = [];
    private int _returned;

    public int Rented
    {
        get
        {
            lock (_gate)
            {
                return _rented.Count;
            }
        }
    }

    public int Returned => Volatile.Read(ref _returned);

    public override byte[] Rent(int minimumLength)
    {
        byte[] buffer = new byte[minimumLength];
        lock (_gate)
        {
            _rented.Add(buffer);
        }

        return buffer;
    }

    public override void Return(byte[] array, bool clearArray = false)
    {
        lock (_gate)
        {
            if (!_rented.Remove(array))
            {
                throw new InvalidOperationException("A buffer came back twice.");
            }

            array.AsSpan().Fill(0xee);
            _returned++;
        }
    }
}
