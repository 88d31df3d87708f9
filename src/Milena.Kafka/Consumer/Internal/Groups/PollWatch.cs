namespace Milena.Kafka.Consumer.Internal.Groups;

/// <summary>Tells whether the user comes back for records in time. Decides only; looked at now and then, so that a record costs nothing.</summary>
internal sealed class PollWatch
{
    private readonly TimeSpan _limit;
    private long _progress = -1;
    private TimeSpan _since;
    private PollVerdict _told;

    public PollWatch(TimeSpan limit) => _limit = limit;

    /// <summary>How long the user has been busy, as of the last look.</summary>
    public TimeSpan Busy { get; private set; }

    /// <summary>Looks at the reader.</summary>
    /// <param name="now">The time.</param>
    /// <param name="isWaiting">Whether the user waits for records, so that he cannot be late.</param>
    /// <param name="progress">A number that changes whenever he comes for more.</param>
    /// <returns>What is new since the last look.</returns>
    public PollVerdict Look(TimeSpan now, bool isWaiting, long progress)
    {
        if (isWaiting || progress != _progress)
        {
            bool isBack = _told == PollVerdict.Exceeded;
            (_progress, _since, _told, Busy) = (progress, now, PollVerdict.Fine, TimeSpan.Zero);
            return isBack ? PollVerdict.CameBack : PollVerdict.Fine;
        }

        Busy = now - _since;
        PollVerdict verdict = Busy >= _limit ? PollVerdict.Exceeded : Busy >= _limit * 2 / 3 ? PollVerdict.Late : PollVerdict.Fine;
        bool isNew = verdict > _told;
        _told = isNew ? verdict : _told;
        return isNew ? verdict : PollVerdict.Fine;
    }
}
