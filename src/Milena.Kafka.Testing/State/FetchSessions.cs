using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Testing.State;

/// <summary>The fetch sessions of one broker (KIP-227). Thread-safe; its lock guards the sessions too.</summary>
internal sealed class FetchSessions(Func<int> nextId, TimeProvider time)
{
    private const int MaxSessions = 1000;
    private const short FirstVersionOfSessions = 7;
    private const short FirstVersionWithTopicIds = 13;

    private static readonly TimeSpan MinEvictionAge = TimeSpan.FromMinutes(2);

    private readonly Lock _gate = new();
    private readonly Dictionary<int, FetchSession> _sessions = [];

    /// <summary>Opens, goes on with or closes a session, as the request says.</summary>
    public FetchPlan Plan(FetchRequest request, short version)
    {
        if (version < FirstVersionOfSessions)
        {
            return Full(request);
        }

        lock (_gate)
        {
            switch (request.SessionEpoch)
            {
                case (int)FetchSessionEpoch.Final:
                    _sessions.Remove(request.SessionId);
                    return Full(request);
                case (int)FetchSessionEpoch.Initial:
                    _sessions.Remove(request.SessionId);
                    return Open(request, version);
                default:
                    return Continue(request, version);
            }
        }
    }

    /// <summary>The partitions of a session as they are now; none if there is no such session.</summary>
    public IReadOnlyList<FetchTarget> Peek(int sessionId)
    {
        lock (_gate)
        {
            return _sessions.TryGetValue(sessionId, out FetchSession? session) ? session.Targets : [];
        }
    }

    /// <summary>The partitions that go into the answer.</summary>
    public IReadOnlyList<(FetchKey Key, FetchResponse.PartitionData Answer)> Select(
        FetchPlan plan,
        IReadOnlyList<(FetchTarget Target, FetchResponse.PartitionData Answer)> answers)
    {
        if (plan.Session is not { } session)
        {
            return [.. answers.Select(answer => (answer.Target.Key, answer.Answer))];
        }

        lock (_gate)
        {
            return [.. answers
                .Where(answer => session.HasNews(answer.Target, answer.Answer) || !plan.IsIncremental)
                .Select(answer => (answer.Target.Key, answer.Answer))];
        }
    }

    /// <summary>Forgets all sessions, as a broker does that stops.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _sessions.Clear();
        }
    }

    private static FetchPlan Full(FetchRequest request) => new(
        ErrorCode.None,
        null,
        false,
        [.. request.Topics.SelectMany(
            topic => topic.Partitions,
            (topic, wanted) => new FetchTarget(new FetchKey(topic.Topic, topic.TopicId, wanted.Partition), wanted))]);

    private static FetchPlan Failed(ErrorCode error) => new(error, null, false, []);

    private FetchPlan Open(FetchRequest request, short version)
    {
        if (request.Topics.Count == 0 || !MakeRoom())
        {
            return Full(request);
        }

        int id = nextId();
        while (_sessions.ContainsKey(id))
        {
            id = nextId();
        }

        var session = new FetchSession(id, version >= FirstVersionWithTopicIds) { LastUsed = time.GetUtcNow() };
        session.Update(request);
        _sessions.Add(id, session);
        return new FetchPlan(ErrorCode.None, session, false, session.Targets);
    }

    private FetchPlan Continue(FetchRequest request, short version)
    {
        if (!_sessions.TryGetValue(request.SessionId, out FetchSession? session))
        {
            return Failed(ErrorCode.FetchSessionIdNotFound);
        }

        if (request.SessionEpoch != session.NextEpoch)
        {
            return Failed(ErrorCode.InvalidFetchSessionEpoch);
        }

        if (session.UsesTopicIds != version >= FirstVersionWithTopicIds)
        {
            return Failed(ErrorCode.FetchSessionTopicIdError);
        }

        session.Update(request);
        session.LastUsed = time.GetUtcNow();
        if (session.IsEmpty)
        {
            _sessions.Remove(session.Id);
            return Full(request);
        }

        session.Advance();
        return new FetchPlan(ErrorCode.None, session, true, session.Targets);
    }

    private bool MakeRoom()
    {
        if (_sessions.Count < MaxSessions)
        {
            return true;
        }

        FetchSession oldest = _sessions.Values.MinBy(session => session.LastUsed)!;
        return time.GetUtcNow() - oldest.LastUsed > MinEvictionAge && _sessions.Remove(oldest.Id);
    }
}
