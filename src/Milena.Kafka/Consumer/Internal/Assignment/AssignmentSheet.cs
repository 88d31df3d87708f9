namespace Milena.Kafka.Consumer.Internal.Assignment;

/// <summary>Who gets what, while it is worked out.</summary>
internal sealed class AssignmentSheet
{
    private readonly Dictionary<string, List<TopicPartition>> _byMember;

    public AssignmentSheet(IEnumerable<MemberSubscription> members) => _byMember = members.ToDictionary(m => m.MemberId, _ => new List<TopicPartition>());

    public List<TopicPartition> this[string memberId] => _byMember[memberId];

    public IReadOnlyDictionary<string, MemberAssignment> ToResult() => _byMember.ToDictionary(m => m.Key, m => new MemberAssignment(m.Value));
}
