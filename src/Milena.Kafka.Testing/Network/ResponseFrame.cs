using System.Net.Sockets;
using System.Runtime.InteropServices;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Testing.Network;

/// <summary>A response as bytes, stored records by reference, ready for one gathering write. Not thread-safe.</summary>
internal sealed class ResponseFrame : IGatheringBufferWriter
{
    private const int BlockSize = 4096;
    private const int GatherSize = 16 * 1024;

    private readonly List<ArraySegment<byte>> _segments = [];
    private byte[] _block = [];
    private int _blockStart;
    private int _blockUsed;

    public int Size { get; private set; }

    /// <summary>Puts bytes behind their length, without a header.</summary>
    public static ResponseFrame Bare(byte[] bytes)
    {
        var frame = new ResponseFrame();
        var writer = new ProtocolWriter(frame);
        writer.WriteInt32(bytes.Length);
        writer.Flush();
        frame.Append(bytes);
        return frame;
    }

    /// <summary>Encodes a response behind its length and header.</summary>
    public static ResponseFrame Encode(IResponse body, short version, int correlationId)
    {
        var header = new ResponseHeader { CorrelationId = correlationId };
        short headerVersion = body.Api.ResponseHeaderVersion(version);
        int size = header.GetSize(headerVersion) + body.GetSize(version);
        var frame = new ResponseFrame();
        var writer = new ProtocolWriter(frame);
        writer.WriteInt32(size);
        header.Write(ref writer, headerVersion);
        body.Write(ref writer, version);
        writer.Flush();
        frame.CloseBlock();
        return frame.Size == size + sizeof(int)
            ? frame
            : throw new InvalidOperationException($"A {body.Api} v{version} response of {frame.Size - sizeof(int)} bytes was predicted to take {size}.");
    }

    private async ValueTask SendAsync(Socket socket, CancellationToken cancellationToken)
    {
        if (_segments.Count == 1)
        {
            await SendAsync(socket, _segments[0], cancellationToken).ConfigureAwait(false);
            return;
        }

        using CancellationTokenRegistration registration = cancellationToken.Register(static state => ((Socket)state!).Dispose(), socket);
        int sent = await socket.SendAsync(_segments, SocketFlags.None).ConfigureAwait(false);
        if (sent != Size)
        {
            throw new IOException($"Only {sent} of {Size} bytes were sent.");
        }
    }

    /// <summary>Sends over a stream; small parts go together, so that TLS need not wrap each.</summary>
    public async ValueTask SendAsync(Stream stream, CancellationToken cancellationToken)
    {
        if (stream is NetworkStream network)
        {
            await SendAsync(network.Socket, cancellationToken).ConfigureAwait(false);
            return;
        }

        byte[] gathered = new byte[Math.Min(Size, GatherSize)];
        int used = 0;
        foreach (ArraySegment<byte> segment in _segments)
        {
            if (segment.Count > gathered.Length - used)
            {
                await stream.WriteAsync(gathered.AsMemory(0, used), cancellationToken).ConfigureAwait(false);
                used = 0;
            }

            if (segment.Count > gathered.Length)
            {
                await stream.WriteAsync(segment, cancellationToken).ConfigureAwait(false);
                continue;
            }

            segment.CopyTo(gathered, used);
            used += segment.Count;
        }

        await stream.WriteAsync(gathered.AsMemory(0, used), cancellationToken).ConfigureAwait(false);
    }

    public void Advance(int count)
    {
        _blockUsed += count;
        Size += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _block.AsMemory(_blockUsed);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _block.AsSpan(_blockUsed);
    }

    public void Append(ReadOnlyMemory<byte> borrowed)
    {
        CloseBlock();
        if (!MemoryMarshal.TryGetArray(borrowed, out ArraySegment<byte> segment))
        {
            segment = borrowed.ToArray();
        }

        _segments.Add(segment);
        Size += segment.Count;
    }

    private static async ValueTask SendAsync(Socket socket, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (!bytes.IsEmpty)
        {
            int sent = await socket.SendAsync(bytes, cancellationToken).ConfigureAwait(false);
            bytes = bytes[sent..];
        }
    }

    private void Reserve(int sizeHint)
    {
        int wanted = Math.Max(sizeHint, 1);
        if (_block.Length - _blockUsed < wanted)
        {
            CloseBlock();
            _block = GC.AllocateUninitializedArray<byte>(Math.Max(wanted, BlockSize));
            _blockStart = 0;
            _blockUsed = 0;
        }
    }

    private void CloseBlock()
    {
        if (_blockUsed > _blockStart)
        {
            _segments.Add(new ArraySegment<byte>(_block, _blockStart, _blockUsed - _blockStart));
            _blockStart = _blockUsed;
        }
    }
}
