using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Consumer.Internal;

/// <summary>What one fetch brought of one partition, until it is handed out.</summary>
internal sealed class FetchedRecords
{
    private readonly SharedResponse _response;
    private long _nextOffset;
    private long _finished;

    public FetchedRecords(in FetchTarget target, FetchResponse.PartitionData answer, SharedResponse response)
    {
        State = target.State;
        Generation = target.Generation;
        Records = answer.Records ?? default;
        Aborted = answer.AbortedTransactions;
        HighWatermark = answer.HighWatermark;
        _nextOffset = target.Position.Offset;
        _finished = _nextOffset;
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

    /// <summary>The offset up to which the user has finished. Written by the reader, read by anyone who commits.</summary>
    public long Finished => Volatile.Read(ref _finished);

    /// <summary>The offset up to which batches have been counted as handed out; one that is opened again is not counted again.</summary>
    public long CountedUpTo { get; set; } = -1;

    /// <summary>The leader epoch of the batch that was opened last; -1 if it is not known.</summary>
    public int Epoch { get; set; } = -1;

    /// <summary>The right to these records.</summary>
    public PartitionClaim Claim => new(State, Generation);

    /// <summary>Whether the position has moved elsewhere since these records were asked for.</summary>
    public bool IsStale => State.Generation != Generation;

    /// <summary>The user has come back for more: what was handed out is finished.</summary>
    public void MarkFinished() => Volatile.Write(ref _finished, _nextOffset);

    /// <summary>Gives up the hold on the buffer. Once.</summary>
    public void Release() => _response.Release();
}
