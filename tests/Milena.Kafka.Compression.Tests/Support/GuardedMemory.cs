using System.Buffers;
using System.Runtime.InteropServices;

namespace Milena.Kafka.Compression.Tests.Support;

/// <summary>Memory between two pages that may not be touched, so that a read or write one byte beyond ends the process. On Linux; elsewhere plain memory.</summary>
public sealed unsafe partial class GuardedMemory : MemoryManager<byte>
{
    private const int PageSize = 4096;
    private const int NoAccess = 0;
    private const int ReadWrite = 3;
    private const int PrivateAnonymous = 0x22;

    private readonly nuint _mapped;
    private readonly byte* _start;

    /// <param name="capacity">Rounded up to whole pages.</param>
    public GuardedMemory(int capacity)
    {
        Capacity = (capacity + PageSize - 1) / PageSize * PageSize;
        _mapped = (nuint)Capacity + (2 * PageSize);
        if (!OperatingSystem.IsLinux())
        {
            _start = (byte*)NativeMemory.Alloc((nuint)Capacity);
            return;
        }

        nint mapping = Map(0, _mapped, NoAccess, PrivateAnonymous, -1, 0);
        if (mapping == -1 || Protect(mapping + PageSize, (nuint)Capacity, ReadWrite) != 0)
        {
            throw new InvalidOperationException($"mmap failed with {Marshal.GetLastPInvokeError()}.");
        }

        _start = (byte*)mapping + PageSize;
    }

    public int Capacity { get; }

    /// <summary>The last bytes before the guard.</summary>
    public Memory<byte> Last(int length) => Memory[(Capacity - length)..];

    /// <summary>The first bytes after the guard.</summary>
    public Memory<byte> First(int length) => Memory[..length];

    public override Span<byte> GetSpan() => new(_start, Capacity);

    public override MemoryHandle Pin(int elementIndex = 0) => new(_start + elementIndex);

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
        if (OperatingSystem.IsLinux())
        {
            Unmap((nint)_start - PageSize, _mapped);
        }
        else
        {
            NativeMemory.Free(_start);
        }
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    private static partial int Protect(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int Unmap(nint address, nuint length);
}
