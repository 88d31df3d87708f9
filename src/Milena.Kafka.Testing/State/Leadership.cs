namespace Milena.Kafka.Testing.State;

/// <summary>Who leads a partition and who follows, at one moment; never changed, only replaced.</summary>
/// <param name="Leader">The leader, or -1 while there is none.</param>
/// <param name="Epoch">Goes up with each change of the leader; counted by the partition.</param>
/// <param name="Replicas">All replicas, the preferred leader first.</param>
/// <param name="InSync">Those of them that are alive and have all records.</param>
internal sealed record Leadership(int Leader, int Epoch, IReadOnlyList<int> Replicas, IReadOnlyList<int> InSync)
{
    /// <summary>Replicas that have stopped but miss no record that was acknowledged, so that they may lead again (KIP-966).</summary>
    public IReadOnlyList<int> Eligible { get; init; } = [];

    /// <summary>The replicas that a reassignment adds and that have not caught up yet.</summary>
    public IReadOnlyList<int> Adding { get; init; } = [];

    /// <summary>The replicas that a reassignment removes when those that it adds have caught up.</summary>
    public IReadOnlyList<int> Removing { get; init; } = [];

    public bool IsMoving => Adding.Count > 0 || Removing.Count > 0;

    /// <summary>What becomes of it when a broker stops.</summary>
    /// <param name="broker">The broker.</param>
    /// <param name="minInSync">From how many replicas in sync on records are acknowledged.</param>
    public Leadership WithStopped(int broker, int minInSync)
    {
        if (!InSync.Contains(broker))
        {
            return this;
        }

        int[] left = [.. InSync.Where(id => id != broker)];

        // Nothing is acknowledged any more that this one would miss.
        IReadOnlyList<int> eligible = left.Length < minInSync ? [.. Eligible.Append(broker).Distinct()] : Eligible;
        return Settled(left) with { Eligible = eligible };
    }

    /// <summary>What becomes of it when a broker comes back.</summary>
    /// <param name="broker">The broker.</param>
    /// <param name="minInSync">From how many replicas in sync on records are acknowledged.</param>
    /// <param name="isUncleanAllowed">Whether a replica may lead that misses records.</param>
    public Leadership WithStarted(int broker, int minInSync, bool isUncleanAllowed)
    {
        if (!Replicas.Contains(broker) || InSync.Contains(broker) || (Leader < 0 && !Eligible.Contains(broker) && !isUncleanAllowed))
        {
            return this;
        }

        bool isClean = Leader >= 0 || Eligible.Contains(broker);
        int[] inSync = [.. Replicas.Where(id => id == broker || InSync.Contains(id))];
        IReadOnlyList<int> eligible = !isClean || inSync.Length >= minInSync ? [] : [.. Eligible.Where(id => id != broker)];
        return (Settled(inSync) with { Eligible = eligible }).Completed();
    }

    /// <summary>The first replica leads; null if it cannot.</summary>
    public Leadership? WithPreferredLeader() => InSync.Contains(Replicas[0]) ? this with { Leader = Replicas[0] } : null;

    /// <summary>A replica leads that may miss records; null if none is alive.</summary>
    public Leadership? WithUncleanLeader(Func<int, bool> isAlive)
    {
        int[] alive = [.. Replicas.Where(isAlive)];
        return alive.Length == 0 ? null : this with { Leader = alive[0], InSync = alive, Eligible = [] };
    }

    /// <summary>Moves it to other replicas: those that are new catch up at once if they are alive.</summary>
    public Leadership WithReplicas(IReadOnlyList<int> target, Func<int, bool> isAlive)
    {
        int[] before = [.. Replicas.Except(Adding)];
        int[] adding = [.. target.Except(before)];
        int[] removing = [.. before.Except(target)];
        int[] replicas = [.. target, .. removing];
        int[] inSync = Leader < 0 ? [.. InSync.Where(replicas.Contains)] : [.. replicas.Where(id => InSync.Contains(id) || (adding.Contains(id) && isAlive(id)))];
        return ((this with { Replicas = replicas, Adding = adding, Removing = removing }).Settled(inSync) with { Eligible = [.. Eligible.Where(replicas.Contains)] }).Completed();
    }

    /// <summary>Takes a reassignment back.</summary>
    public Leadership WithoutMove()
    {
        int[] before = [.. Replicas.Except(Adding)];
        return (this with { Replicas = before, Adding = [], Removing = [] }).Settled([.. InSync.Where(before.Contains)]);
    }

    /// <summary>Ends a reassignment if all that it adds have caught up.</summary>
    private Leadership Completed()
    {
        int[] target = [.. Replicas.Except(Removing)];
        int[] inSync = [.. InSync.Where(target.Contains)];
        return !IsMoving || inSync.Length == 0 || Adding.Any(id => !InSync.Contains(id))
            ? this
            : (this with { Replicas = target, Adding = [], Removing = [], Eligible = [.. Eligible.Where(target.Contains)] }).Settled(inSync);
    }

    /// <summary>The leader stays if it is in sync; else the first replica that is.</summary>
    private Leadership Settled(IReadOnlyList<int> inSync) => this with
    {
        InSync = inSync,
        Leader = inSync.Contains(Leader) ? Leader : Replicas.Where(inSync.Contains).DefaultIfEmpty(-1).First(),
    };
}
