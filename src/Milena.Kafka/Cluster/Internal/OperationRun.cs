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

    /// <summary>What went wrong with parts so far; some may have gone well since.</summary>
    public IReadOnlyDictionary<TKey, KafkaException> Failures => _failures;

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

    /// <summary>The parts that a version can say; the others are noted as failed.</summary>
    public IReadOnlyList<TKey> Sayable(IReadOnlyList<TKey> keys, short version)
    {
        foreach (TKey key in keys)
        {
            if (Operation.MinVersionOf(key) is var needed && needed > version)
            {
                Note(key, new UnsupportedVersionException(
                    $"{Operation.Describe(key)} needs {Operation.Api} in version {needed}; the broker and this client have no higher one in common than {version}. The broker is too old for what is asked."));
            }
        }

        return [.. keys.Where(key => Operation.MinVersionOf(key) <= version)];
    }

    public void Read(IReadOnlyList<TKey> keys, TResponse response)
    {
        var sheet = new AnswerSheet<TKey, TResult>();
        Operation.Read(keys, response, sheet);
        foreach (TKey key in keys)
        {
            if (!sheet.TryGet(key, out (TResult Value, ErrorCode Error, string? Detail) row))
            {
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
                Note(key, BrokerFault.Of(Operation.Describe(key), row.Error, row.Detail, key is TopicPartition partition ? partition.Topic : null));
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
}
