namespace Milena.Kafka.Consumer.Internal.Assignment;

/// <summary>The order in which assignors go through members: static members by their names, then the others by their ids (KIP-345).</summary>
internal sealed class MemberOrder : IComparer<MemberSubscription>
{
    public static readonly MemberOrder Instance = new();

    public int Compare(MemberSubscription? x, MemberSubscription? y) => (x?.GroupInstanceId, y?.GroupInstanceId) switch
    {
        ({ } a, { } b) => string.CompareOrdinal(a, b),
        ({ }, null) => -1,
        (null, { }) => 1,
        _ => string.CompareOrdinal(x?.MemberId, y?.MemberId),
    };

    public static MemberSubscription[] Sort(IEnumerable<MemberSubscription> members) => [.. members.Order(Instance)];
}
