namespace Milena.Kafka;

/// <summary>What a partition waits for.</summary>
public enum PartitionWait
{
    /// <summary>For records to be stored: all there are were fetched, or are on their way.</summary>
    Data,

    /// <summary>For the program: records are ready, and the loop or its handlers are busy.</summary>
    Handler,

    /// <summary>For metadata: the cluster does not know the partition, or what it said was wrong.</summary>
    Metadata,

    /// <summary>For the election of a leader.</summary>
    Leader,

    /// <summary>For the group's coordinator, which knows the committed offset.</summary>
    Coordinator,

    /// <summary>For the offset of its start position to be looked up.</summary>
    Offset,

    /// <summary>For the time of the next attempt, after a fetch that failed.</summary>
    Retry,

    /// <summary>For the one who has paused it.</summary>
    Resume,

    /// <summary>For the next enumeration: it failed, and the loop was or will be told.</summary>
    Reader,
}
