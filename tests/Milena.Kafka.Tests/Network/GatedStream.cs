namespace Milena.Kafka.Tests.Network;

/// <summary>A stream whose writes wait at a gate, deaf to cancellation and disposal, as a driver may be that still holds the memory.</summary>
/// <param name="inner">The stream behind.</param>
/// <param name="gate">The gate.</param>
/// <param name="marked">Null: all writes wait before they are passed on. Else those of such bytes wait after that: the peer has them, and the memory is still held.</param>
internal sealed class GatedStream(Stream inner, GatedStream.Gate gate, byte[]? marked = null) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => inner.ReadAsync(buffer, cancellationToken);

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (marked is null)
        {
            await gate.PassAsync();
        }

        await inner.WriteAsync(buffer, cancellationToken);
        if (marked is not null && buffer.Span.IndexOf(marked) >= 0)
        {
            await gate.PassAsync();
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override void Flush() => inner.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>Holds writes back while it is closed.</summary>
    internal sealed class Gate
    {
        private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private TaskCompletionSource? _closed;

        /// <summary>Ends when a write stands at the closed gate.</summary>
        public Task Entered => _entered.Task;

        public void Close() => _closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Open() => _closed!.SetResult();

        public Task PassAsync()
        {
            if (_closed is null)
            {
                return Task.CompletedTask;
            }

            _entered.TrySetResult();
            return _closed.Task;
        }
    }
}
