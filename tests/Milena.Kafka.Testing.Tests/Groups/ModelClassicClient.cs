using System.Buffers;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.Groups;
using Milena.Kafka.Testing.Groups.Consumer;

namespace Milena.Kafka.Testing.Tests.Groups;

/// <summary>A member of the classic protocol with a cooperative assignor: it keeps what it has until an assignment leaves it out.</summary>
internal sealed class ModelClassicClient(ModelWorld world, string name, string? instanceId) : IModelClient
{
    private HashSet<TopicIdPartition> _owned = [];
    private string _id = "";
    private int _generation = -1;
    private Task<JoinGroupResponse>? _joining;
    private Task<SyncGroupResponse>? _syncing;
    private bool _mustJoin = true;
    private object? _topicsOfJoin;

    // A static leader that is back gets the assignment that it made before, and knows nothing of topics that came while it was away (KIP-814).
    private bool _mustLookAgain = instanceId is not null;
    private DateTimeOffset _heardAt = world.Now;

    public string? InstanceId { get; } = instanceId;

    public IReadOnlyCollection<TopicIdPartition> Owned => _owned;

    public void Step(bool isQuiet)
    {
        if (_joining is not null)
        {
            EndJoin();
        }
        else if (_syncing is not null)
        {
            EndSync();
        }
        else if (_mustJoin)
        {
            _topicsOfJoin = world.Topics;
            _joining = world.Group.JoinAsync(new JoinCall(Join(), 7, name, "/h"));
        }
        else
        {
            Hear(world.Group.Heartbeat(new HeartbeatRequest { GroupId = "g", MemberId = _id, GroupInstanceId = InstanceId, GenerationId = _generation }));
        }
    }

    public void SeeTime(DateTimeOffset now)
    {
        // One that waits for an answer is a member as long as it waits.
        if (_joining is { IsCompleted: false } || _syncing is { IsCompleted: false })
        {
            _heardAt = now;
        }
        else if (now - _heardAt >= ModelWorld.Session)
        {
            Lose(ErrorCode.UnknownMemberId);
            _heardAt = now;
        }
    }

    public void SeeTopics() => _mustJoin = true;

    public void Leave()
    {
        _owned = [];
        world.Group.Leave(_id, InstanceId);
    }

    /// <summary>KIP-345: a static member of the classic protocol goes without a word.</summary>
    public void Restart()
    {
    }

    public override string ToString() =>
        $"classic {name} at {_generation} with {_owned.Count}{(_joining is null ? "" : ", joining")}{(_syncing is null ? "" : ", syncing")}";

    private static byte[] Encode(ConsumerProtocolSubscription message)
    {
        var bytes = new ArrayBufferWriter<byte>();
        var writer = new ProtocolWriter(bytes);
        writer.WriteInt16(2);
        message.Write(ref writer, 2);
        writer.Flush();
        return bytes.WrittenSpan.ToArray();
    }

    private void EndJoin()
    {
        if (!_joining!.IsCompleted)
        {
            return;
        }

        JoinGroupResponse answer = _joining.Result;
        _joining = null;
        _heardAt = world.Now;
        _id = answer.ErrorCode == ErrorCode.MemberIdRequired ? answer.MemberId : _id;
        if (answer.ErrorCode != ErrorCode.None)
        {
            _mustJoin = true;
            Hear(answer.ErrorCode);
            return;
        }

        _mustJoin = _topicsOfJoin != world.Topics;
        _id = answer.MemberId;
        _generation = answer.GenerationId;
        _syncing = world.Group.SyncAsync(new SyncGroupRequest
        {
            GroupId = "g",
            MemberId = _id,
            GroupInstanceId = InstanceId,
            GenerationId = _generation,
            ProtocolType = answer.ProtocolType,
            ProtocolName = answer.ProtocolName,
            Assignments = answer.Leader == _id ? Assign(answer.Members) : [],
        });
    }

    private void EndSync()
    {
        if (!_syncing!.IsCompleted)
        {
            return;
        }

        SyncGroupResponse answer = _syncing.Result;
        _syncing = null;
        Hear(answer.ErrorCode);
        if (answer.ErrorCode != ErrorCode.None)
        {
            _mustJoin = true;
            return;
        }

        HashSet<TopicIdPartition> assigned = [.. EmbeddedProtocol.ReadAssignment(answer.Assignment, world.Topics)];
        _mustJoin |= !assigned.IsSupersetOf(_owned) || _mustLookAgain;
        _mustLookAgain = false;
        _owned = assigned;
    }

    private void Hear(ErrorCode error)
    {
        switch (error)
        {
            case ErrorCode.None:
                _heardAt = world.Now;
                break;
            case ErrorCode.RebalanceInProgress:
                _heardAt = world.Now;
                _mustJoin = true;
                break;
            case ErrorCode.MemberIdRequired or ErrorCode.NotCoordinator:
                _mustJoin = true;
                break;
            case ErrorCode.IllegalGeneration or ErrorCode.UnknownMemberId or ErrorCode.GroupIdNotFound or ErrorCode.FencedInstanceId:
                Lose(error);
                break;
            default:
                Assert.Fail($"{this} was answered {error}.");
                break;
        }
    }

    private void Lose(ErrorCode why)
    {
        _owned = [];
        _generation = -1;
        _mustJoin = true;
        _joining = null;
        _syncing = null;
        if (why != ErrorCode.IllegalGeneration)
        {
            _id = "";
        }
    }

    private JoinGroupRequest Join() => new()
    {
        GroupId = "g",
        MemberId = _id,
        GroupInstanceId = InstanceId,
        SessionTimeoutMs = (int)ModelWorld.Session.TotalMilliseconds,
        RebalanceTimeoutMs = 60_000,
        ProtocolType = "consumer",
        Protocols =
        [
            new()
            {
                Name = "cooperative",
                Metadata = Encode(new ConsumerProtocolSubscription
                {
                    Topics = [.. world.Topics.All.Select(topic => topic.Name)],
                    GenerationId = _generation,
                    OwnedPartitions = [.. _owned.Where(partition => world.Topics.Find(partition.TopicId) is not null)
                        .GroupBy(partition => partition.TopicId)
                        .Select(topic => new ConsumerProtocolSubscription.TopicPartition
                        {
                            Topic = world.Topics.Find(topic.Key)!.Value.Name,
                            Partitions = [.. topic.Select(partition => partition.Partition)],
                        })],
                }),
            },
        ],
    };

    /// <summary>What a cooperative leader does: shares out evenly, and leaves out what has to be given up first.</summary>
    private List<SyncGroupRequest.SyncGroupRequestAssignment> Assign(List<JoinGroupResponse.JoinGroupResponseMember> members)
    {
        var claims = new Dictionary<TopicIdPartition, string>();
        foreach (JoinGroupResponse.JoinGroupResponseMember member in members)
        {
            ConsumerProtocolSubscription subscription = EmbeddedProtocol.ReadSubscription(member.Metadata);
            foreach (TopicIdPartition partition in EmbeddedProtocol.Resolve(subscription.OwnedPartitions.Select(topic => (topic.Topic, topic.Partitions)), world.Topics))
            {
                claims.Add(partition, member.MemberId);
            }
        }

        ILookup<string, TopicIdPartition> owned = claims.ToLookup(claim => claim.Value, claim => claim.Key);
        var wanted = new UniformAssignor().Assign([.. members.Select(member => new Assignee(member.MemberId, null, world.Topics.All, [.. owned[member.MemberId]]))]);
        return [.. members.Select(member => new SyncGroupRequest.SyncGroupRequestAssignment
        {
            MemberId = member.MemberId,
            Assignment = EmbeddedProtocol.WriteAssignment(
                [.. wanted[member.MemberId].Where(partition => !claims.TryGetValue(partition, out string? owner) || owner == member.MemberId)],
                world.Topics,
                member.Metadata),
        })];
    }
}
