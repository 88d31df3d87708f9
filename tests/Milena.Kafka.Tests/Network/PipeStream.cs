using System.IO.Pipelines;

namespace Milena.Kafka.Tests.Network;

/// <summary>One end of an in-memory connection.</summary>
internal sealed class PipeStream : Stream
{
    private readonly Pipe _incoming;
    private readonly Pipe _outgoing;
    private readonly Stream _reader;
    private readonly Stream _writer;

    private PipeStream(Pipe incoming, Pipe outgoing)
    {
        _incoming = incoming;
        _outgoing = outgoing;
        _reader = incoming.Reader.AsStream();
        _writer = outgoing.Writer.AsStream();
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Both ends; a writer waits while more than <paramref name="window"/> bytes are unread.</summary>
    public static (PipeStream Client, PipeStream Server) CreatePair(int window)
    {
        var toServer = new Pipe(Options(window));
        var toClient = new Pipe(Options(window));
        return (new PipeStream(toClient, toServer), new PipeStream(toServer, toClient));
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => _reader.ReadAsync(buffer, cancellationToken);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => _writer.WriteAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => _writer.FlushAsync(cancellationToken);

    public override void Flush() => _writer.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _outgoing.Writer.Complete();
            _incoming.Reader.CancelPendingRead();
            _incoming.Reader.Complete();
        }

        base.Dispose(disposing);
    }

    private static PipeOptions Options(int window) => new(pauseWriterThreshold: window, resumeWriterThreshold: Math.Max(1, window / 2), useSynchronizationContext: false);
}
