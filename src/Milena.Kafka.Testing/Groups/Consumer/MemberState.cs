namespace Milena.Kafka.Testing.Groups.Consumer;

/// <summary>How far a member is on its way to its target assignment.</summary>
internal enum MemberState
{
    /// <summary>It has what it got last; it moves on when there is a newer target.</summary>
    Stable,

    /// <summary>It still has to confirm that it gave partitions up, and keeps its epoch until then.</summary>
    UnrevokedPartitions,

    /// <summary>It waits for partitions that others have not given up yet.</summary>
    UnreleasedPartitions,
}
