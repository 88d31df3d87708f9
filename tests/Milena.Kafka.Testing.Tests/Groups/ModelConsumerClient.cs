using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.Groups;
using Milena.Kafka.Testing.Groups.Consumer;

namespace Milena.Kafka.Testing.Tests.Groups;

/// <summary>A member of the KIP-848 protocol: it gives up first, says so, and then takes what it is given.</summary>
internal sealed class ModelConsumerClient(ModelWorld world, string name, string? instanceId) : IModelClient
{
    private readonly string _id = world.NewId().ToString();
    private readonly string _rack = "r";
    private HashSet<TopicIdPartition> _owned = [];
    private HashSet<TopicIdPartition>? _target;
    private HashSet<string> _subscribed = [];
    private int _epoch;
    private bool _mustTellAll = true;
    private DateTimeOffset _heardAt = world.Now;

    public string? InstanceId { get; } = instanceId;

    public IReadOnlyCollection<TopicIdPartition> Owned => _owned;

    public void Step(bool isQuiet)
    {
        if (isQuiet || world.Chance(70))
        {
            FollowTarget();
        }

        if (!isQuiet && world.Chance(30))
        {
            return;
        }

        try
        {
            ConsumerGroupHeartbeatResponse answer = world.Group.ConsumerHeartbeat(new HeartbeatCall(Request(), 1, new ClientIdentity(name, "/h")));
            if (!isQuiet && world.Chance(10))
            {
                // The answer is lost: the client knows nothing, and tells everything next time.
                _mustTellAll = true;
                return;
            }

            _heardAt = world.Now;
            _mustTellAll = false;
            _epoch = answer.MemberEpoch;
            if (answer.Assignment is { } assignment)
            {
                _target = [.. assignment.TopicPartitions.SelectMany(topic => topic.Partitions, (topic, partition) => new TopicIdPartition(topic.TopicId, partition))];
            }
        }
        catch (GroupRefusalException refusal) when (refusal.Code is ErrorCode.UnreleasedInstanceId)
        {
            // The one before it was killed: its session has to end first.
            Assert.That(_epoch, Is.Zero);
        }
        catch (GroupRefusalException refusal) when (refusal.Code is ErrorCode.FencedMemberEpoch or ErrorCode.UnknownMemberId or ErrorCode.GroupIdNotFound)
        {
            Abandon();
        }
    }

    public void SeeTime(DateTimeOffset now)
    {
        if (now - _heardAt >= ModelWorld.Session)
        {
            Abandon();
            _heardAt = now;
        }
    }

    public void SeeTopics()
    {
    }

    public void Leave() => Go(MemberEpoch.Leave);

    public void Restart()
    {
        if (_epoch != 0 && world.Chance(70))
        {
            Go(MemberEpoch.LeaveStatic);
        }
    }

    public override string ToString() => $"consumer {name} at {_epoch} with {_owned.Count}";

    private void Go(MemberEpoch how)
    {
        _owned = [];
        var request = new ConsumerGroupHeartbeatRequest { GroupId = "g", MemberId = _id, InstanceId = InstanceId, MemberEpoch = (int)how };
        try
        {
            world.Group.ConsumerHeartbeat(new HeartbeatCall(request, 1, new ClientIdentity(name, "/h")));
        }
        catch (GroupRefusalException refusal)
        {
            Assert.That(refusal.Code, Is.EqualTo(ErrorCode.UnknownMemberId).Or.EqualTo(ErrorCode.GroupIdNotFound).Or.EqualTo(ErrorCode.FencedInstanceId));
        }
    }

    private ConsumerGroupHeartbeatRequest Request()
    {
        bool isJoin = _epoch == 0;
        bool isFull = isJoin || _mustTellAll;
        bool hasNewSubscription = !_subscribed.SetEquals(world.Topics.All.Select(topic => topic.Name));
        if (hasNewSubscription)
        {
            _subscribed = [.. world.Topics.All.Select(topic => topic.Name)];
        }

        return new ConsumerGroupHeartbeatRequest
        {
            GroupId = "g",
            MemberId = _id,
            MemberEpoch = _epoch,
            InstanceId = InstanceId,
            RackId = isFull ? _rack : null,
            RebalanceTimeoutMs = isFull ? 60_000 : -1,
            SubscribedTopicNames = isFull || hasNewSubscription ? [.. _subscribed] : null,

            // What it was given and has not taken yet counts too: else that could go to another before the answer says so.
            TopicPartitions = [.. _owned.Union(_target ?? []).GroupBy(partition => partition.TopicId).Select(topic => new ConsumerGroupHeartbeatRequest.TopicPartitionsStruct
            {
                TopicId = topic.Key,
                Partitions = [.. topic.Select(partition => partition.Partition)],
            })],
        };
    }

    private void FollowTarget()
    {
        if (_target is null)
        {
            return;
        }

        if (!_target.IsSupersetOf(_owned))
        {
            // What is taken away is given up before anything else is taken.
            _owned.IntersectWith(_target);
        }

        _owned.UnionWith(_target);
        _target = null;
    }

    private void Abandon()
    {
        _owned = [];
        _target = null;
        _epoch = 0;
        _mustTellAll = true;
    }
}
