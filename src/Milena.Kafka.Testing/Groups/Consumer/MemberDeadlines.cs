namespace Milena.Kafka.Testing.Groups.Consumer;

/// <summary>By when members of a group must have done what they are waited for.</summary>
internal sealed class MemberDeadlines
{
    private readonly Dictionary<(string Member, MemberTimer Timer), DateTimeOffset> _deadlines = [];

    public DateTimeOffset? Next => _deadlines.Count > 0 ? _deadlines.Values.Min() : null;

    public void Set(string member, MemberTimer timer, DateTimeOffset deadline) => _deadlines[(member, timer)] = deadline;

    public void SetIfNone(string member, MemberTimer timer, DateTimeOffset deadline) => _deadlines.TryAdd((member, timer), deadline);

    public void Cancel(string member, MemberTimer timer) => _deadlines.Remove((member, timer));

    public void CancelAll(string member)
    {
        foreach (MemberTimer timer in Enum.GetValues<MemberTimer>())
        {
            Cancel(member, timer);
        }
    }

    public void Clear() => _deadlines.Clear();

    /// <summary>The members whose time is over, in order of their deadlines.</summary>
    public IReadOnlyList<string> Due(DateTimeOffset now) =>
    [
        .. _deadlines.Where(entry => entry.Value <= now)
            .OrderBy(entry => entry.Value)
            .ThenBy(entry => entry.Key.Member, StringComparer.Ordinal)
            .Select(entry => entry.Key.Member)
            .Distinct(),
    ];
}
