using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Producer.Internal;

/// <summary>The sequence numbers of one partition: under which identity they run, which is next, and whether the broker can still follow them.</summary>
/// <remarks>Guarded by the gate of the partition's queue.</remarks>
internal sealed class PartitionSequences
{
    /// <summary>The identity of the batches that were stamped last.</summary>
    public ProducerIdentity Identity { get; private set; } = ProducerIdentity.None;

    /// <summary>The sequence number of the next record.</summary>
    public int Next { get; private set; }

    /// <summary>Whether the row has a gap that will never be filled: the next batch needs a newer identity.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Whether the broker has taken the latest batch of the row that it answered to.</summary>
    /// <remarks>
    /// KIP-360: a broker without a memory of the producer takes any sequence number. Of several batches it could refuse the first and take the second,
    /// so that one goes ahead alone, at the beginning of a row and after each failure.
    /// </remarks>
    public bool IsConfirmed { get; private set; }

    /// <summary>The number that comes some records later; after 2,147,483,647 comes 0.</summary>
    public static int Add(int sequence, int count) => sequence > int.MaxValue - count ? count - (int.MaxValue - sequence) - 1 : sequence + count;

    /// <summary>Gives numbers to a batch, of a new row if the identity is another than before.</summary>
    public BatchProducer Take(ProducerIdentity current, int count)
    {
        if (current != Identity)
        {
            Start(current, 0);
        }
        else if (IsBroken)
        {
            throw new InvalidOperationException($"Sequence {Next} would follow a gap under the same identity.");
        }

        var stamp = new BatchProducer(current.Id, current.Epoch, Next);
        Next = Add(Next, count);
        return stamp;
    }

    /// <summary>Begins a row.</summary>
    public void Start(ProducerIdentity identity, int first)
    {
        Identity = identity;
        Next = first;
        IsBroken = false;
        IsConfirmed = false;
    }

    /// <summary>The broker has taken a batch.</summary>
    public void Confirm(BatchProducer stamp) => IsConfirmed |= Owns(stamp);

    /// <summary>The broker did not take a batch, this time.</summary>
    public void Doubt() => IsConfirmed = false;

    /// <summary>A batch of the row will never be taken.</summary>
    public void Break(BatchProducer stamp) => IsBroken |= Owns(stamp);

    private bool Owns(BatchProducer stamp) => stamp.Id == Identity.Id && stamp.Epoch == Identity.Epoch;
}
