namespace Milena.Kafka.Producer.Internal;

/// <summary>What was dropped: batches, and records by what is known of them.</summary>
internal readonly record struct Leftovers(int Batches, int NotStored, int Unknown)
{
    public int Records => NotStored + Unknown;
}
