using Milena.Kafka.Consumer.Internal.Assignment;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Consumer.Internal.Groups;

/// <summary>What the leader of a generation knows: the members, what they subscribe to, and how large the topics were when it shared them out.</summary>
internal sealed class LeaderRound
{
    private List<MemberSubscription> _members = [];
    private List<SyncGroupRequest.SyncGroupRequestAssignment> _assignments = [];
    private Dictionary<string, int>? _sizes;
    private bool _keepsAssignment;

    public bool IsLeader { get; private set; }

    /// <summary>The topics to look after: all that some member subscribes to.</summary>
    public IReadOnlyCollection<string> Topics { get; private set; } = [];

    /// <summary>Takes in who the members are.</summary>
    /// <param name="answer">The answer to JoinGroup.</param>
    /// <param name="joined">The topics that this member joined with.</param>
    /// <param name="known">What is known of topics.</param>
    /// <exception cref="Protocol.ProtocolException">A member's subscription cannot be read.</exception>
    public void Begin(JoinGroupResponse answer, IReadOnlyList<string> joined, IReadOnlyDictionary<string, AssignableTopic>? known)
    {
        IsLeader = answer.Leader == answer.MemberId;
        _sizes = null;
        _assignments = [];
        _keepsAssignment = answer.SkipAssignment;
        _members = IsLeader ? [.. answer.Members.Select(m => ConsumerProtocol.ReadSubscription(m.MemberId, m.GroupInstanceId, m.Metadata))] : [];
        Topics = [.. _members.SelectMany(m => m.Topics).Distinct()];
        if (answer.Leader.Length == 0 && known is not null)
        {
            // KIP-848: the coordinator assigns, for now. If the group becomes a classic one without a rebalance, nobody in it knows that it leads: so each looks after its own topics.
            Topics = joined;
            _sizes = SizesOf(known);
        }
    }

    public void Assign(IPartitionAssignor assignor, IReadOnlyDictionary<string, AssignableTopic> topics)
    {
        Dictionary<string, AssignableTopic> ours = Topics.Where(topics.ContainsKey).ToDictionary(t => t, t => topics[t]);
        _sizes = SizesOf(topics);

        // KIP-814: a static leader that came back keeps what it gave before, but has to look after the topics.
        if (!_keepsAssignment)
        {
            IReadOnlyDictionary<string, MemberAssignment> given = assignor.Assign(new AssignmentRequest(_members, ours));
            _assignments = [.. _members.Select(m => new SyncGroupRequest.SyncGroupRequestAssignment
            {
                MemberId = m.MemberId,
                Assignment = ConsumerProtocol.WriteAssignment(given.GetValueOrDefault(m.MemberId) ?? new MemberAssignment([])),
            })];
        }
    }

    public List<SyncGroupRequest.SyncGroupRequestAssignment> TakeAssignments() => _assignments;

    /// <summary>Whether topics have come, gone or grown since the assignment was made.</summary>
    public bool IsOutdated(IReadOnlyDictionary<string, AssignableTopic> topics)
    {
        if (_sizes is null)
        {
            return false;
        }

        Dictionary<string, int> now = SizesOf(topics);
        return now.Count != _sizes.Count || now.Any(t => _sizes.GetValueOrDefault(t.Key) != t.Value);
    }

    private Dictionary<string, int> SizesOf(IReadOnlyDictionary<string, AssignableTopic> topics) =>
        Topics.Where(topics.ContainsKey).ToDictionary(t => t, t => topics[t].PartitionCount);
}
