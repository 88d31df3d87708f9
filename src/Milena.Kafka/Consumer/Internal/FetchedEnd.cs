using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Consumer.Internal;

/// <summary>Finds out how far fetched records reach, by the heads of their batches.</summary>
internal static class FetchedEnd
{
    /// <summary>Where to fetch on, and the leader epoch of the last whole batch.</summary>
    public static (long NextOffset, int LastEpoch) Of(ReadOnlyMemory<byte> records, long offset)
    {
        int epoch = -1;
        RecordBatches.Enumerator batches = new RecordBatches(records).GetEnumerator();
        while (TryMoveNext(ref batches, out _))
        {
            offset = Math.Max(offset, batches.Current.NextOffset);
            epoch = batches.Current.LeaderEpoch;
        }

        return (offset, epoch);
    }

    /// <summary>Whether the head of a batch cannot be read. A batch that is cut off is not damaged.</summary>
    public static bool IsDamaged(ReadOnlyMemory<byte> records)
    {
        RecordBatches.Enumerator batches = new RecordBatches(records).GetEnumerator();
        bool isDamaged;
        while (TryMoveNext(ref batches, out isDamaged))
        {
            // Only the last one counts.
        }

        return isDamaged;
    }

    private static bool TryMoveNext(ref RecordBatches.Enumerator batches, out bool isDamaged)
    {
        isDamaged = false;
        try
        {
            return batches.MoveNext();
        }
        catch (ProtocolException)
        {
            // Not lost: the reader comes to the same bytes and reports them.
            isDamaged = true;
            return false;
        }
    }
}
