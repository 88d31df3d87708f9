using System.Buffers;
using System.Buffers.Binary;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Network.Internal;

/// <summary>One encoded request as a list of segments: pooled chunks for what is small, the caller's memory by reference for what is large.</summary>
/// <remarks>Not thread-safe. <see cref="Release"/> is called once by whoever owns the request at its end.</remarks>
internal sealed class RequestFrame : IGatheringBufferWriter
{
    private const int FirstChunkSize = 1024;
    private const int ChunkSize = 4096;
    private const int LengthSize = 4;
    private const int CorrelationIdOffset = LengthSize + 2 + 2;

    private readonly List<ReadOnlyMemory<byte>> _segments = new(1);
    private readonly List<byte[]> _chunks = new(1);
    private byte[] _chunk = [];
    private int _start;
    private int _end;
    private long _length;

    private RequestFrame()
    {
    }

    /// <summary>The bytes on the wire, the length included.</summary>
    public int Length => (int)_length;

    /// <summary>What goes on the wire, in order.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Segments => _segments;

    /// <summary>Encodes a request completely; the correlation id is set later.</summary>
    /// <param name="request">The request. Byte fields from <see cref="ProtocolWriter.GatherThreshold"/> on stay borrowed until <see cref="Release"/>.</param>
    /// <param name="version">The version to speak.</param>
    /// <param name="clientId">Kafka's <c>client.id</c>.</param>
    /// <exception cref="ProtocolException">The request cannot be written in this version.</exception>
    public static RequestFrame Encode(IRequest request, short version, string clientId)
    {
        var frame = new RequestFrame();
        bool encoded = false;
        try
        {
            frame.Write(request, version, clientId);
            encoded = true;
            return frame;
        }
        finally
        {
            if (!encoded)
            {
                frame.Release();
            }
        }
    }

    /// <summary>Puts the correlation id into the header, when the request's turn has come.</summary>
    public void SetCorrelationId(int correlationId) =>
        BinaryPrimitives.WriteInt32BigEndian(_chunks[0].AsSpan(CorrelationIdOffset), correlationId);

    /// <summary>Gives the chunks back to the pool and forgets the borrowed memory. The frame is of no use afterwards.</summary>
    public void Release()
    {
        foreach (byte[] chunk in _chunks)
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }

        _chunks.Clear();
        _segments.Clear();
        _chunk = [];
        _start = _end = 0;
    }

    /// <inheritdoc/>
    public void Append(ReadOnlyMemory<byte> borrowed)
    {
        CloseSegment();
        _segments.Add(borrowed);
        _length += borrowed.Length;
    }

    /// <inheritdoc/>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(_chunk.Length - _end));
        _end += count;
        _length += count;
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(1, sizeHint));
        return _chunk.AsMemory(_end);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(Math.Max(1, sizeHint));
        return _chunk.AsSpan(_end);
    }

    private void Write(IRequest request, short version, string clientId)
    {
        Api api = request.Api;
        var header = new RequestHeader { RequestApiKey = (short)api.Key, RequestApiVersion = version, ClientId = clientId };
        var writer = new ProtocolWriter(this);
        writer.WriteInt32(0);
        header.Write(ref writer, api.RequestHeaderVersion(version));
        request.Write(ref writer, version);
        writer.Flush();
        CloseSegment();

        if (_length > int.MaxValue)
        {
            throw new ProtocolException($"{api.Key} takes {_length:N0} bytes, more than a frame can have.");
        }

        BinaryPrimitives.WriteInt32BigEndian(_chunks[0], (int)_length - LengthSize);
    }

    private void Reserve(int size)
    {
        if (_chunk.Length - _end >= size)
        {
            return;
        }

        CloseSegment();
        _chunk = ArrayPool<byte>.Shared.Rent(Math.Max(size, _chunks.Count == 0 ? FirstChunkSize : ChunkSize));
        _chunks.Add(_chunk);
        _start = _end = 0;
    }

    private void CloseSegment()
    {
        if (_end > _start)
        {
            _segments.Add(_chunk.AsMemory(_start, _end - _start));
            _start = _end;
        }
    }
}
