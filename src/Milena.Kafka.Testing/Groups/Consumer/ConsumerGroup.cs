using Milena.Kafka.Testing.State;
using PartitionSet = System.Collections.Immutable.ImmutableSortedSet<Milena.Kafka.Testing.Groups.Consumer.TopicIdPartition>;

namespace Milena.Kafka.Testing.Groups.Consumer;

/// <summary>
/// A group of the KIP-848 protocol: its members, its epochs, who is to have what and who has it. Knows neither clock nor locks: the time comes
/// with each event, and <see cref="NextDeadline"/> says when the next one is due. Guarded by its <see cref="Group"/>.
/// </summary>
/// <remarks>
/// The group epoch moves when members or topics change; the target assignment follows at the next heartbeat; each member follows the target in
/// its own time. A partition goes to a new owner only after the old one has said that it gave it up.
/// </remarks>
internal sealed partial class ConsumerGroup(string id, Func<ConsumerGroupSettings> settings, Func<string> newMemberId)
{
    private readonly SortedDictionary<string, ConsumerMember> _members = new(StringComparer.Ordinal);
    private readonly PartitionOwners _owners = new();
    private readonly MemberDeadlines _deadlines = new();
    private readonly SubscriptionResolver _subscriptions = new();
    private IReadOnlyDictionary<string, PartitionSet> _target = new Dictionary<string, PartitionSet>();
    private IReadOnlyList<CatalogTopic> _subscribed = [];

    public string Id { get; } = id;

    public int GroupEpoch { get; private set; }

    public int AssignmentEpoch { get; private set; }

    public string AssignorName => ServerAssignors.Choose(_members.Values).Name;

    public IEnumerable<ConsumerMember> Members => _members.Values;

    public int MemberCount => _members.Count;

    public DateTimeOffset? NextDeadline => _deadlines.Next;

    /// <summary>Whether there are members, and none of them speaks the new protocol (any more).</summary>
    public bool IsClassicOnly => _members.Count > 0 && _members.Values.All(member => member.Classic is not null);

    public ConsumerGroupState State
    {
        get
        {
            if (_members.Count == 0)
            {
                return ConsumerGroupState.Empty;
            }

            if (GroupEpoch > AssignmentEpoch)
            {
                return ConsumerGroupState.Assigning;
            }

            return _members.Values.All(member => member.IsReconciledTo(AssignmentEpoch)) ? ConsumerGroupState.Stable : ConsumerGroupState.Reconciling;
        }
    }

    public PartitionSet TargetOf(string memberId) => _target.GetValueOrDefault(memberId) ?? [];

    public ConsumerMember? Find(string memberId) => _members.GetValueOrDefault(memberId);

    /// <summary>Takes over the members of a classic group, with what they own; no partition is owned by two.</summary>
    public void Load(int epoch, IEnumerable<ConsumerMember> members, TopicCatalog topics, DateTimeOffset now)
    {
        GroupEpoch = epoch;
        AssignmentEpoch = epoch;
        foreach (ConsumerMember member in members)
        {
            Store(member);
            KeepAlive(member, now);
        }

        // What the topics were is not known: as in Kafka, the next heartbeat therefore computes a new target, which members that were still waiting for one need.
        _target = _members.Values.ToDictionary(member => member.Id, member => member.Assigned);
    }

    /// <summary>Starts waiting anew, as a coordinator does that has just read the group from the log.</summary>
    public void RestartTimers(DateTimeOffset now)
    {
        _deadlines.Clear();
        foreach (ConsumerMember member in _members.Values)
        {
            KeepAlive(member, now);
            WatchRevocation(member, now);
        }
    }

    /// <summary>Puts those out whose time is over.</summary>
    public void Expire(DateTimeOffset now)
    {
        foreach (string memberId in _deadlines.Due(now))
        {
            if (_members.TryGetValue(memberId, out ConsumerMember? member))
            {
                Remove(member);
            }
        }
    }

    /// <summary>Whether a member wants a topic.</summary>
    public bool IsSubscribedTo(string topic) => _subscribed.Any(subscribed => subscribed.Name == topic) || _members.Values.Any(member => member.TopicNames.Contains(topic));

    private void Store(ConsumerMember member)
    {
        _owners.Replace(_members.GetValueOrDefault(member.Id), member);
        _members[member.Id] = member;
    }

    /// <summary>Takes a member out; the others get its share with the next target.</summary>
    private void Remove(ConsumerMember member)
    {
        Forget(member);
        _target = _target.Where(entry => entry.Key != member.Id).ToDictionary(entry => entry.Key, entry => entry.Value);
        _subscribed = SubscribedTopics();
        GroupEpoch++;
    }

    private void Forget(ConsumerMember member)
    {
        _owners.Replace(member, null);
        _members.Remove(member.Id);
        _deadlines.CancelAll(member.Id);
    }

    /// <summary>Lets a static member that is back, under another id, have what it had.</summary>
    private ConsumerMember Rename(ConsumerMember old, string newId)
    {
        ConsumerMember renamed = old with { Id = newId, Epoch = 0, PreviousEpoch = 0 };
        Forget(old);
        Store(renamed);
        _target = _target.ToDictionary(entry => entry.Key == old.Id ? newId : entry.Key, entry => entry.Value);
        return renamed;
    }

    /// <summary>Counts the group epoch up if the subscription of a member or the topics have changed, and then computes a new target.</summary>
    private void Advance(bool hasChanged, TopicCatalog topics)
    {
        if (_subscriptions.See(topics) || hasChanged)
        {
            IReadOnlyList<CatalogTopic> subscribed = SubscribedTopics();
            if (hasChanged || !subscribed.SequenceEqual(_subscribed))
            {
                GroupEpoch++;
            }

            _subscribed = subscribed;
        }

        if (GroupEpoch > AssignmentEpoch)
        {
            _target = ServerAssignors.Choose(_members.Values).Assign(
                [.. _members.Values.Select(member => new Assignee(member.Id, member.InstanceId, _subscriptions.Resolve(member), TargetOf(member.Id)))]);
            AssignmentEpoch = GroupEpoch;
        }
    }

    private ConsumerMember Reconcile(ConsumerMember member, IReadOnlyCollection<TopicIdPartition>? owned, DateTimeOffset now)
    {
        ConsumerMember next = member;
        if (!member.IsReconciledTo(AssignmentEpoch))
        {
            next = new Reconciliation(AssignmentEpoch, TargetOf(member.Id), _owners.IsFree).Step(member, owned);
            Store(next);
        }

        if (!ReferenceEquals(next, member))
        {
            WatchRevocation(next, now);
        }

        return next;
    }

    private void WatchRevocation(ConsumerMember member, DateTimeOffset now)
    {
        if (member.Classic is null && member.State == MemberState.UnrevokedPartitions)
        {
            _deadlines.Set(member.Id, MemberTimer.Rebalance, now + member.RebalanceTimeout);
        }
        else
        {
            _deadlines.Cancel(member.Id, MemberTimer.Rebalance);
        }
    }

    private void KeepAlive(ConsumerMember member, DateTimeOffset now) =>
        _deadlines.Set(member.Id, MemberTimer.Session, now + (member.Classic?.SessionTimeout ?? settings().SessionTimeout));

    private CatalogTopic[] SubscribedTopics() =>
        [.. _members.Values.SelectMany(_subscriptions.Resolve).Distinct().OrderBy(topic => topic.Name, StringComparer.Ordinal)];

    private ConsumerMember? FindInstance(string instanceId) => _members.Values.FirstOrDefault(member => member.InstanceId == instanceId);
}
