namespace Milena.Kafka.Producer.Internal;

/// <summary>How much memory a batch gets at first, and next. A partition that has little to send must not hold the room of a full batch.</summary>
/// <remarks>
/// With thousands of partitions full-sized buffers would use up the budget after a record for each. A batch begins with a quarter of what the one before
/// it in its partition was given, at least <see cref="Least"/>, or with all if that one was filled; it takes four times as much whenever it is full.
/// </remarks>
internal static class BatchRoom
{
    /// <summary>The bytes with which the first batch of a partition begins.</summary>
    public const int Least = 4096;

    private const int Growth = 4;

    /// <summary>What a batch gets at first.</summary>
    /// <param name="hint">What the batch before left as a hint; 0 if there was none.</param>
    /// <param name="record">The bytes of a batch of the first record alone.</param>
    /// <param name="full">The bytes of a full batch.</param>
    public static int First(int hint, long record, int full)
    {
        if (hint >= full)
        {
            return full;
        }

        long room = Least;
        while (room < full && (room < record || room * Growth <= hint))
        {
            room *= Growth;
        }

        return (int)Math.Min(room, full);
    }

    /// <summary>What a batch gets that needs more than it has.</summary>
    public static int Next(int room, int full) => (int)Math.Min((long)room * Growth, full);

    /// <summary>The hint that a batch leaves which was not filled.</summary>
    public static int Hint(int room) => room / Growth;

    /// <summary>The sizes that occur, smallest first.</summary>
    public static IEnumerable<int> Sizes(int full)
    {
        for (long room = Least; room < full; room *= Growth)
        {
            yield return (int)room;
        }

        yield return full;
    }
}
