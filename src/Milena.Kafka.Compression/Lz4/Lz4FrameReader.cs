using System.Buffers;
using System.Buffers.Binary;

namespace Milena.Kafka.Compression.Lz4;

/// <summary>Reads frames one after the other. Each is walked over first, so that all of it can be decoded into one piece of room that is no larger than its blocks can fill.</summary>
internal ref struct Lz4FrameReader
{
    // A byte of length gives at most 255 bytes.
    private const int MostFromByte = 255;

    private readonly ReadOnlySpan<byte> _source;
    private readonly IBufferWriter<byte> _destination;
    private readonly int _limit;
    private readonly bool _acceptsMagicInChecksum;
    private int _position;
    private int _written;

    public Lz4FrameReader(ReadOnlySpan<byte> source, IBufferWriter<byte> destination, int limit, bool acceptsMagicInChecksum)
    {
        _source = source;
        _destination = destination;
        _limit = limit;
        _acceptsMagicInChecksum = acceptsMagicInChecksum;
    }

    public void ReadAll()
    {
        do
        {
            uint magic = ReadUInt32(_position);
            if (magic == Lz4FrameHeader.Magic)
            {
                ReadFrame();
            }
            else if ((magic & Lz4FrameHeader.SkippableMask) == Lz4FrameHeader.SkippableMagic)
            {
                Skip();
            }
            else
            {
                Fail(
                    magic == Lz4FrameHeader.LegacyMagic ? "a frame of the legacy format, which is not supported" : $"0x{magic:x8} is not the magic number of a frame",
                    _position);
            }
        }
        while (_position < _source.Length);
    }

    private readonly uint ReadUInt32(int position)
    {
        if (_source.Length - position < sizeof(uint))
        {
            Fail("it is cut off", position);
        }

        return BinaryPrimitives.ReadUInt32LittleEndian(_source[position..]);
    }

    private void Skip()
    {
        uint length = ReadUInt32(_position + 4);
        if (length > _source.Length - _position - 8)
        {
            Fail($"a skippable frame of {length:N0} bytes is cut off", _position);
        }

        _position += 8 + (int)length;
    }

    private void ReadFrame()
    {
        Lz4FrameHeader header = Lz4FrameHeader.Read(_source[_position..], _position, _acceptsMagicInChecksum);
        int start = _position;
        _position += header.Size;
        int room = RoomFor(header, start);
        Span<byte> output = room > 0 ? _destination.GetSpan(room)[..room] : default;
        int written = 0;
        while (TryReadBlock(header, output, ref written))
        {
        }

        if (header.ContentSize is { } claimed && claimed != (ulong)written)
        {
            Fail($"a frame that claims {claimed:N0} bytes holds {written:N0}", start);
        }

        if (header.ContentChecksum)
        {
            if (ReadUInt32(_position) != XxHash32.Compute(output[..written]))
            {
                Fail("the checksum of the content is wrong", _position);
            }

            _position += sizeof(uint);
        }

        if (written > 0)
        {
            _destination.Advance(written);
            _written += written;
        }
    }

    // Walks over the blocks, which must all be there, and adds up the most that they can hold.
    private readonly int RoomFor(in Lz4FrameHeader header, int start)
    {
        int at = _position;
        long most = 0;
        while (true)
        {
            uint length = ReadUInt32(at);
            at += sizeof(uint);
            if (length == 0)
            {
                break;
            }

            bool isStored = (length & Lz4FrameHeader.StoredFlag) != 0;
            length &= ~Lz4FrameHeader.StoredFlag;
            long end = at + (long)length + (header.BlockChecksums ? sizeof(uint) : 0);
            if (length > header.MaxBlockSize || end > _source.Length)
            {
                Fail($"a block of {length:N0} bytes where {Math.Min(header.MaxBlockSize, _source.Length - at):N0} can be", at - sizeof(uint));
            }

            most += isStored ? length : Math.Min(header.MaxBlockSize, (long)length * MostFromByte);
            at = (int)end;
        }

        if (header.ContentSize is { } claimed)
        {
            if (claimed > (ulong)most)
            {
                Fail($"a frame of {at - start:N0} bytes claims to hold {claimed:N0}", start);
            }

            most = (long)claimed;
            if (most > _limit - _written)
            {
                InvalidStream.ThrowTooLarge(Lz4Codec.CodecName, start, _limit);
            }
        }

        return (int)Math.Min(most, _limit - _written);
    }

    private bool TryReadBlock(in Lz4FrameHeader header, Span<byte> output, ref int written)
    {
        uint word = ReadUInt32(_position);
        _position += sizeof(uint);
        if (word == 0)
        {
            return false;
        }

        int length = (int)(word & ~Lz4FrameHeader.StoredFlag);
        ReadOnlySpan<byte> block = _source.Slice(_position, length);
        if (header.BlockChecksums && ReadUInt32(_position + length) != XxHash32.Compute(block))
        {
            Fail("the checksum of a block is wrong", _position + length);
        }

        Span<byte> room = output[..Math.Min(output.Length, written + header.MaxBlockSize)];
        if (word != (uint)length)
        {
            CopyStored(block, room, written);
            written += length;
        }
        else
        {
            written += Decode(block, room, written, header);
        }

        _position += length + (header.BlockChecksums ? sizeof(uint) : 0);
        return true;
    }

    private readonly void CopyStored(ReadOnlySpan<byte> block, Span<byte> room, int written)
    {
        if (!block.TryCopyTo(room[written..]))
        {
            FailFull(room.Length, _position);
        }
    }

    private readonly int Decode(ReadOnlySpan<byte> block, Span<byte> room, int written, in Lz4FrameHeader header)
    {
        int history = header.LinkedBlocks ? written : 0;
        int count = Lz4BlockDecoder.Decode(block, room[(written - history)..], history, out int end);
        if (count == BlockFault.OutputFull)
        {
            FailFull(room.Length, _position + end);
        }

        if (count < 0)
        {
            Fail(BlockFault.Describe(count), _position + end);
        }

        return count;
    }

    // The room ends where the caller's limit does, or where the block must.
    private readonly void FailFull(int room, int position)
    {
        if (room == _limit - _written)
        {
            InvalidStream.ThrowTooLarge(Lz4Codec.CodecName, position, _limit);
        }

        Fail(BlockFault.Describe(BlockFault.OutputFull), position);
    }

    private static void Fail(string fault, int position) => InvalidStream.Throw(Lz4Codec.CodecName, fault, position);
}
