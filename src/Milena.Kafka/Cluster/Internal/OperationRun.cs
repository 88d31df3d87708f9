using Milena.Kafka.Protocol;

namespace Milena.Kafka.Cluster.Internal;

/// <summary>The state of one operation on its way: what is answered, what is open, and why.</summary>
internal sealed class OperationRun<TKey, TRequest, TResponse, TResult>
    where TKey : notnull
    where TRequest : IRequest<TResponse>
    where TResponse : IResponse<TResponse>
{
    private readonly Lock _lock = new();
    private readonly Dictionary<TKey, KafkaException> _failures = [];

    public OperationRun(Operation<TKey, TRequest, TResponse, TResult> operation, IReadOnlyCollection<TKey> keys)
    {
        Operation = operation;
        Pending = [.. keys.Distinct()];
    }

    public Operation<TKey, TRequest, TResponse, TResult> Operation { get; }

    public Dictionary<TKey, Answer<TResult>> Answers { get; } = [];

    public List<TKey> Pending { get; private set; }

    /// <summary>Whether metadata was fetched anew during this operation, so that what it lacks is really not there.</summary>
    public bool HasRefreshed { get; set; }

    public string LastFailure { get; set; } = "";

    public void Note(TKey key, KafkaException failure)
    {
        lock (_lock)
        {
            _failures[key] = failure;
            LastFailure = failure.Message;
        }
    }

    public void Note(IEnumerable<TKey> keys, KafkaException failure)
    {
        foreach (TKey key in keys)
        {
            Note(key, failure);
        }
    }

    public void Read(IReadOnlyList<TKey> keys, TResponse response)
    {
        var sheet = new AnswerSheet<TKey, TResult>();
        Operation.Read(keys, response, sheet);
        foreach (TKey key in keys)
        {
            if (!sheet.TryGet(key, out (TResult Value, ErrorCode Error, string? Detail) row))
            {
                // A request below some version carries one key only; the others go again.
                Note(key, new KafkaException(ErrorCode.RequestTimedOut, $"{Operation.Describe(key)}: the broker's answer does not mention it."));
            }
            else if (row.Error == ErrorCode.None)
            {
                lock (_lock)
                {
                    Answers[key] = Answer<TResult>.Of(row.Value);
                }
            }
            else
            {
                Note(key, Fault(key, row.Error, row.Detail));
            }
        }
    }

    /// <summary>Ends a round: parts that cannot succeed get their answer, the others stay open.</summary>
    /// <returns>What must be looked up before the next round.</returns>
    public RecoveryAction Settle()
    {
        var open = new List<TKey>();
        RecoveryAction needed = RecoveryAction.Retry;
        foreach (TKey key in Pending.Where(k => !Answers.ContainsKey(k)))
        {
            KafkaException failure = _failures[key];
            RecoveryAction action = ActionFor(failure);
            if (action is RecoveryAction.Fail or RecoveryAction.Fatal or RecoveryAction.Rejoin)
            {
                Answers[key] = Answer<TResult>.Failed(failure);
                continue;
            }

            open.Add(key);
            needed = action is RecoveryAction.RefreshMetadata || needed is RecoveryAction.Retry ? action : needed;
        }

        Pending = open;
        return needed;
    }

    /// <summary>Time is over: what is still open fails with its last reason, or with that of the look-up that it waited for.</summary>
    public void GiveUp(TimeSpan limit, KafkaException? lookUp)
    {
        lock (_lock)
        {
            foreach (TKey key in Pending.Where(k => !Answers.ContainsKey(k)))
            {
                KafkaException? last = _failures.GetValueOrDefault(key) ?? lookUp;
                Answers[key] = Answer<TResult>.Failed(last is ClusterUnreachableException ? last : Late(key, limit, last));
            }

            Pending = [];
        }
    }

    private OperationTimeoutException Late(TKey key, TimeSpan limit, KafkaException? last)
    {
        string reason = last is null ? "No broker answered so far." : $"The last failure: {last.Message}";
        return new OperationTimeoutException(last?.Code ?? ErrorCode.None, $"{Operation.Describe(key)} did not succeed within {limit.TotalSeconds:0.#} s. {reason}", last);
    }

    private RecoveryAction ActionFor(KafkaException failure) => failure switch
    {
        UnknownPartitionException or UnsupportedVersionException => RecoveryAction.Fail,
        UnknownTopicException => RecoveryAction.Fail,
        ConnectionException { IsRetriable: true } or ClusterUnreachableException => RecoveryAction.RefreshMetadata,
        { Code: ErrorCode.None } => failure.IsRetriable ? RecoveryAction.Retry : RecoveryAction.Fail,
        _ => Operation.Decide(failure.Code),
    };

    private KafkaException Fault(TKey key, ErrorCode error, string? detail)
    {
        string message = $"{Operation.Describe(key)}: {(string.IsNullOrEmpty(detail) ? error.Meaning() : detail)} ({error.Name()})";
        string? topic = error == ErrorCode.TopicAuthorizationFailed && key is TopicPartition partition ? partition.Topic : null;
        return error.Family() == ErrorFamily.Authorization ? new AuthorizationException(error, message) { ResourceName = topic } : new KafkaException(error, message);
    }
}
