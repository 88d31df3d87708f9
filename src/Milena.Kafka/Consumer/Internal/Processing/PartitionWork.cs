namespace Milena.Kafka.Consumer.Internal.Processing;

/// <summary>What is in work of one partition since its position was moved last. Guarded by the lock of its <see cref="WorkInProgress{TKey, TValue}"/>.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Reliability", "CA1001", Justification = "Handlers may hold the token for as long as they like; the source has no timer.")]
internal sealed class PartitionWork
{
    private readonly CancellationTokenSource _cancel = new();

    public PartitionWork(PartitionState state)
    {
        State = state;
        Move = state.Move;
        Token = _cancel.Token;
    }

    public PartitionState State { get; }

    /// <summary>The <see cref="PartitionState.Move"/> for which it counts.</summary>
    public int Move { get; }

    /// <summary>Set off when what runs does not count any more.</summary>
    public CancellationToken Token { get; }

    public OffsetTracker Offsets { get; } = new();

    /// <summary>Nothing of it is begun any more.</summary>
    public bool IsClosed { get; set; }

    /// <summary>Whether the reader was asked to leave the partition out for now.</summary>
    public bool IsHeldBack { get; set; }

    /// <summary>How many records of it may be in work.</summary>
    public int Share { get; set; } = 1;

    /// <summary>Tells the handlers. Not under a lock: they may go on at once on this thread.</summary>
    public Task CancelAsync() => _cancel.CancelAsync();
}
