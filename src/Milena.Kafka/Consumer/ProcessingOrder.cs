namespace Milena.Kafka;

/// <summary>Which records must not overtake one another when they are processed in parallel.</summary>
public enum ProcessingOrder
{
    /// <summary>Those of one partition: handlers run beside one another for different partitions only.</summary>
    Partition,

    /// <summary>Those of one partition with the same stored key. Records without a key have no order.</summary>
    Key,
}
