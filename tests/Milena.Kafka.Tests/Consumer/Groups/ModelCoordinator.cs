using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Tests.Consumer.Groups;

/// <summary>What a coordinator does with a classic group, without sockets, clocks or threads: answers come by callback when their time has come.</summary>
internal sealed class ModelCoordinator(Func<TimeSpan> now)
{
    private readonly HashSet<string> _promised = [];
    private int _lastId;
    private string _leader = "";
    private string _protocol = "";
    private TimeSpan _joinUntil;

    public Dictionary<string, ModelMember> Members { get; } = [];

    public int Generation { get; private set; }

    public string State { get; private set; } = "Empty";

    /// <summary>The broker that serves the group now.</summary>
    public int BrokerId { get; set; } = 1;

    public void Join(JoinGroupRequest request, Action<JoinGroupResponse> answer)
    {
        string id = request.MemberId;
        if (id.Length == 0 && request.GroupInstanceId is { } instance && Members.Values.FirstOrDefault(m => m.Instance == instance) is { } old)
        {
            // The replaced member is out; the newcomer joins as any other.
            Members.Remove(old.Id);
            old.AnswerJoin(new JoinGroupResponse { ErrorCode = ErrorCode.FencedInstanceId });
            old.AnswerSync(new SyncGroupResponse { ErrorCode = ErrorCode.FencedInstanceId });
            id = $"m{++_lastId}";
            _promised.Add(id);
        }
        else if (id.Length == 0)
        {
            id = $"m{++_lastId}";
            _promised.Add(id);
            if (request.GroupInstanceId is null)
            {
                answer(new JoinGroupResponse { ErrorCode = ErrorCode.MemberIdRequired, MemberId = id });
                return;
            }
        }

        if (!Members.TryGetValue(id, out ModelMember? member))
        {
            if (!_promised.Remove(id))
            {
                answer(new JoinGroupResponse { ErrorCode = ErrorCode.UnknownMemberId, MemberId = id });
                return;
            }

            Members[id] = member = new ModelMember(id, request.GroupInstanceId);
        }

        member.Request = request;
        member.AnswerJoin(new JoinGroupResponse { ErrorCode = ErrorCode.UnknownMemberId, MemberId = id });
        member.Joining = answer;
        member.LastHeard = now();
        if (State != "PreparingRebalance")
        {
            Prepare();
        }

        CompleteIfAllJoined();
    }

    public void Sync(SyncGroupRequest request, Action<SyncGroupResponse> answer)
    {
        ErrorCode error = Check(request.MemberId, request.GenerationId);
        if (error != ErrorCode.None || State == "PreparingRebalance")
        {
            answer(new SyncGroupResponse { ErrorCode = error == ErrorCode.None ? ErrorCode.RebalanceInProgress : error });
            return;
        }

        ModelMember member = Members[request.MemberId];
        member.LastHeard = now();
        if (State == "Stable")
        {
            answer(new SyncGroupResponse { Assignment = member.Assignment });
            return;
        }

        member.Syncing = answer;
        if (member.Id == _leader)
        {
            State = "Stable";
            foreach (ModelMember each in Members.Values)
            {
                each.Assignment = request.Assignments.Find(a => a.MemberId == each.Id)?.Assignment ?? default;
                each.LastHeard = now();
                each.AnswerSync(new SyncGroupResponse { Assignment = each.Assignment });
            }
        }
    }

    public ErrorCode Heartbeat(HeartbeatRequest request)
    {
        ErrorCode error = Check(request.MemberId, request.GenerationId);
        if (error == ErrorCode.None)
        {
            Members[request.MemberId].LastHeard = now();
        }

        return error == ErrorCode.None && State == "PreparingRebalance" ? ErrorCode.RebalanceInProgress : error;
    }

    public void Leave(string memberId)
    {
        _promised.Remove(memberId);
        if (Members.Remove(memberId, out ModelMember? member))
        {
            member.AnswerJoin(new JoinGroupResponse { ErrorCode = ErrorCode.UnknownMemberId });
            member.AnswerSync(new SyncGroupResponse { ErrorCode = ErrorCode.UnknownMemberId });
            Gone();
        }
    }

    /// <summary>Sessions and the time for joining end.</summary>
    public void Tick()
    {
        foreach (ModelMember member in Members.Values.ToList())
        {
            if (member.Joining is null && member.Syncing is null && now() - member.LastHeard > TimeSpan.FromMilliseconds(member.Request.SessionTimeoutMs))
            {
                Leave(member.Id);
            }
        }

        if (State == "PreparingRebalance" && now() >= _joinUntil)
        {
            foreach (ModelMember absent in Members.Values.Where(m => m.Joining is null).ToList())
            {
                Members.Remove(absent.Id);
            }

            Complete();
        }
    }

    private void Gone()
    {
        if (State is "Stable" or "CompletingRebalance")
        {
            Prepare();
        }

        CompleteIfAllJoined();
    }

    private ErrorCode Check(string id, int generation) =>
        !Members.ContainsKey(id) ? ErrorCode.UnknownMemberId : generation != Generation ? ErrorCode.IllegalGeneration : ErrorCode.None;

    private void Prepare()
    {
        State = "PreparingRebalance";
        _joinUntil = now() + TimeSpan.FromMilliseconds(Members.Count == 0 ? 0 : Members.Values.Max(m => m.Request.RebalanceTimeoutMs));
        foreach (ModelMember member in Members.Values)
        {
            member.AnswerSync(new SyncGroupResponse { ErrorCode = ErrorCode.RebalanceInProgress });
        }
    }

    private void CompleteIfAllJoined()
    {
        if (State == "PreparingRebalance" && Members.Values.All(m => m.Joining is not null))
        {
            Complete();
        }
    }

    private void Complete()
    {
        Generation++;
        State = Members.Count == 0 ? "Empty" : "CompletingRebalance";
        if (Members.Count == 0)
        {
            return;
        }

        _leader = Members.ContainsKey(_leader) ? _leader : Members.Keys.First();
        _protocol = Members.Values.First().Request.Protocols.Select(p => p.Name).First(name => Members.Values.All(m => m.Request.Protocols.Exists(p => p.Name == name)));
        foreach (ModelMember member in Members.Values.ToList())
        {
            member.LastHeard = now();
            member.AnswerJoin(new JoinGroupResponse
            {
                GenerationId = Generation,
                ProtocolName = _protocol,
                Leader = _leader,
                MemberId = member.Id,
                Members = member.Id != _leader ? [] : [.. Members.Values.Select(m => new JoinGroupResponse.JoinGroupResponseMember
                {
                    MemberId = m.Id,
                    GroupInstanceId = m.Instance,
                    Metadata = m.Request.Protocols.Find(p => p.Name == _protocol)!.Metadata,
                })],
            });
        }
    }

    /// <summary>A member as the coordinator knows it.</summary>
    internal sealed class ModelMember(string id, string? instance)
    {
        public string Id { get; } = id;

        public string? Instance { get; } = instance;

        public JoinGroupRequest Request { get; set; } = new();

        public ReadOnlyMemory<byte> Assignment { get; set; }

        public TimeSpan LastHeard { get; set; }

        public Action<JoinGroupResponse>? Joining { get; set; }

        public Action<SyncGroupResponse>? Syncing { get; set; }

        public void AnswerJoin(JoinGroupResponse response)
        {
            Action<JoinGroupResponse>? joining = Joining;
            Joining = null;
            joining?.Invoke(response);
        }

        public void AnswerSync(SyncGroupResponse response)
        {
            Action<SyncGroupResponse>? syncing = Syncing;
            Syncing = null;
            syncing?.Invoke(response);
        }
    }
}
