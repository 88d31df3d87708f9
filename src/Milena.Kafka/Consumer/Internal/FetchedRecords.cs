using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Consumer.Internal;

/// <summary>What one fetch brought of one partition, until it is handed out.</summary>
internal sealed class FetchedRecords
{
    private readonly SharedResponse _response;
    private long _nextOffset;

    public FetchedRecords(in FetchTarget target, ReadOnlyMemory<byte> records, List<FetchResponse.AbortedTransaction>? aborted, long highWatermark, SharedResponse response)
    {
        State = target.State;
        Generation = target.Generation;
        Records = records;
        Aborted = aborted;
        HighWatermark = highWatermark;
        _nextOffset = target.Position.Offset;
        _response = response.Hold();
    }

    public PartitionState State { get; }

    public int Generation { get; }

    public ReadOnlyMemory<byte> Records { get; }

    public List<FetchResponse.AbortedTransaction>? Aborted { get; }

    public long HighWatermark { get; }

    /// <summary>The next offset to hand out. Written by the reader, read by anyone who asks for the position.</summary>
    public long NextOffset
    {
        get => Volatile.Read(ref _nextOffset);
        set => Volatile.Write(ref _nextOffset, value);
    }

    /// <summary>Whether the position has moved elsewhere since these records were asked for.</summary>
    public bool IsStale => State.Generation != Generation;

    /// <summary>Gives up the hold on the buffer. Once.</summary>
    public void Release() => _response.Release();
}
