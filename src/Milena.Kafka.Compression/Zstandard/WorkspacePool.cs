namespace Milena.Kafka.Compression.Zstandard;

/// <summary>Keeps workspaces between calls: a few slots that threads exchange without locks. What finds no slot is left to the collector.</summary>
internal sealed class WorkspacePool<T>
    where T : class, new()
{
    private readonly T?[] _slots = new T?[Math.Max(4, Environment.ProcessorCount * 2)];

    public T Rent()
    {
        foreach (ref T? slot in _slots.AsSpan())
        {
            if (slot is not null && Interlocked.Exchange(ref slot, null) is { } workspace)
            {
                return workspace;
            }
        }

        return new T();
    }

    public void Return(T workspace)
    {
        foreach (ref T? slot in _slots.AsSpan())
        {
            if (slot is null && Interlocked.CompareExchange(ref slot, workspace, null) is null)
            {
                return;
            }
        }
    }
}
