using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Milena.Kafka.Common;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Cluster.Internal;

/// <summary>Keeps the snapshot of the cluster fresh. One loop asks for metadata; all who need it wait for that loop's next answer.</summary>
internal sealed class MetadataCache : IAsyncDisposable
{
    private readonly Lock _lock = new();

    // By topic, how many look-ups found it or are still looking.
    private readonly Dictionary<string, int> _topics = [];
    private readonly HashSet<string> _createdOnAsk = [];
    private readonly HashSet<string> _kept = [];
    private readonly SemaphoreSlim _wanted = new(0);
    private readonly CancellationTokenSource _closing = new();
    private readonly KafkaClientOptions _options;
    private readonly ExponentialBackoff _backoff;
    private readonly Func<MetadataRequest, CancellationToken, Task<MetadataResponse>> _ask;
    private readonly ILogger _log;
    private readonly Task _loop;
    private TaskCompletionSource _nextAnswer = NewAnswer();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isWanted;
    private volatile ClusterSnapshot _current = ClusterSnapshot.Empty;
    private volatile KafkaException? _lastFailure;
    private int _disposed;

    public MetadataCache(KafkaClientOptions options, Func<MetadataRequest, CancellationToken, Task<MetadataResponse>> ask, Random random)
    {
        _options = options;
        _ask = ask;
        _backoff = new ExponentialBackoff(options.RetryBackoff, options.RetryBackoffMax, random);
        _log = options.LoggerFactory.CreateLogger("Milena.Kafka.Cluster");
        _loop = Task.Run(RefreshLoopAsync);
    }

    public ClusterSnapshot Current => _current;

    /// <summary>Why the last attempt to get metadata failed; null if it did not.</summary>
    public KafkaException? LastFailure => _lastFailure;

    /// <summary>Asks for metadata of all topics in use, and waits for an answer that was asked for after this call.</summary>
    /// <exception cref="ClusterUnreachableException">No broker could be reached.</exception>
    public Task RefreshAsync(CancellationToken cancellationToken) => Wanted().WaitAsync(cancellationToken);

    /// <summary>Asks for metadata without waiting.</summary>
    public void RequestRefresh() => Wanted();

    /// <summary>The metadata of a topic; waits for brokers to know it as long as the operation may take.</summary>
    /// <param name="topic">The topic's name.</param>
    /// <param name="allowCreation">Whether the brokers may create it, if they are set so.</param>
    /// <param name="timeout">How long to wait.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="KafkaException">The topic does not exist, its name is illegal, or access is denied.</exception>
    public ValueTask<TopicMetadata> GetTopicAsync(string topic, bool allowCreation, TimeSpan timeout, CancellationToken cancellationToken)
    {
        TopicMetadata? known = _current.FindTopic(topic);
        return known is { Error: ErrorCode.None } ? new(known) : new(WaitForTopicAsync(topic, allowCreation, timeout, cancellationToken));
    }

    /// <summary>Keeps topics among those that metadata is asked for; asks once if one of them is not known. Topics that do not exist are no failure.</summary>
    /// <exception cref="KafkaException">Metadata could not be fetched.</exception>
    public Task UseTopicsAsync(IReadOnlyCollection<string> topics, CancellationToken cancellationToken)
    {
        bool isNew;
        lock (_lock)
        {
            _kept.UnionWith(topics);
            isNew = topics.Any(t => _current.FindTopic(t) is null);
        }

        return isNew ? RefreshAsync(cancellationToken) : Task.CompletedTask;
    }

    /// <summary>Waits until there is another answer than the one that is known.</summary>
    public async Task<ClusterSnapshot> WaitForChangeAsync(ClusterSnapshot known, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                if (!ReferenceEquals(_current, known))
                {
                    return _current;
                }

                changed = _changed.Task;
            }

            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Takes in what an answer said of a partition's new leader (KIP-951).</summary>
    public void ApplyLeader(TopicPartition partition, int leaderId, int leaderEpoch, BrokerEndpoint? endpoint)
    {
        lock (_lock)
        {
            _current = _current.WithLeader(partition, leaderId, leaderEpoch, endpoint);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _closing.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
        lock (_lock)
        {
            _nextAnswer.TrySetException(new ObjectDisposedException(nameof(KafkaClient)));
        }

        _closing.Dispose();
        _wanted.Dispose();
    }

    private static TaskCompletionSource NewAnswer()
    {
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        // Nobody may be waiting when a refresh fails; that is logged, not an unobserved exception.
        _ = answer.Task.ContinueWith(static t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        return answer;
    }

    private Task Wanted()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed != 0, typeof(KafkaClient));
            if (!_isWanted)
            {
                _isWanted = true;
                _wanted.Release();
            }

            return _nextAnswer.Task;
        }
    }

    private async Task<TopicMetadata> WaitForTopicAsync(string topic, bool allowCreation, TimeSpan timeout, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(_topics, topic, out _)++;
            if (allowCreation)
            {
                _createdOnAsk.Add(topic);
            }
        }

        try
        {
            return await FindTopicAsync(topic, timeout, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            GiveUp(topic);
            throw;
        }
    }

    private async Task<TopicMetadata> FindTopicAsync(string topic, TimeSpan timeout, CancellationToken cancellationToken)
    {
        long started = _options.TimeProvider.GetTimestamp();
        Exception? last = null;
        for (int attempt = 1; ; attempt++)
        {
            Exception? failure = await TryRefreshAsync(timeout - _options.TimeProvider.GetElapsedTime(started), cancellationToken).ConfigureAwait(false);

            // That time ran out in the middle of asking once more says less than what came of asking before.
            bool saysLess = failure is { InnerException: TimeoutException } && attempt > 1;
            failure = last = saysLess ? last : failure;
            TopicMetadata? known = _current.FindTopic(topic);
            if (failure is null && known is { Error: ErrorCode.None })
            {
                return known;
            }

            ErrorCode error = known?.Error ?? ErrorCode.UnknownTopicOrPartition;
            TimeSpan pause = _backoff.Pause(attempt);
            bool isOver = _options.TimeProvider.GetElapsedTime(started) + pause >= timeout;
            if (isOver || failure is AuthenticationException || (failure is null && Recovery.Decide(error) is RecoveryAction.Fail or RecoveryAction.Fatal))
            {
                throw failure ?? TopicFault(topic, error, timeout);
            }

            await Task.Delay(pause, _options.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<Exception?> TryRefreshAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            TimeSpan bounded = timeout > TimeSpan.Zero ? timeout : TimeSpan.Zero;
            await Wanted().WaitAsync(bounded, _options.TimeProvider, cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (KafkaException failure)
        {
            return failure;
        }
        catch (TimeoutException failure)
        {
            return new KafkaException("Metadata did not arrive in time.", failure);
        }
    }

    /// <summary>One who looked for the topic has given up. It is asked for no more if nobody else looks for it and nobody ever found it.</summary>
    private void GiveUp(string topic)
    {
        lock (_lock)
        {
            if (--CollectionsMarshal.GetValueRefOrNullRef(_topics, topic) == 0)
            {
                _topics.Remove(topic);
                _createdOnAsk.Remove(topic);
            }
        }
    }

    private static KafkaException TopicFault(string topic, ErrorCode error, TimeSpan timeout) => error switch
    {
        ErrorCode.UnknownTopicOrPartition => new UnknownTopicException(topic, $"Topic '{topic}' was not there within {timeout.TotalSeconds:0.#} s. Create it, or check its name."),
        ErrorCode.TopicAuthorizationFailed => new AuthorizationException(error, $"Access to topic '{topic}' is denied. Grant this principal DESCRIBE on it, or the operation that implies it.")
        {
            ResourceName = topic,
            Operation = AclOperation.Describe,
        },
        _ => new KafkaException(error, $"Topic '{topic}': {error.Meaning()} ({error.Name()})"),
    };

    private async Task RefreshLoopAsync()
    {
        int failures = 0;
        while (!_closing.IsCancellationRequested)
        {
            try
            {
                await WaitUntilWantedAsync(failures).ConfigureAwait(false);
                failures = await RefreshOnceAsync().ConfigureAwait(false) ? 0 : failures + 1;
            }
            catch (OperationCanceledException) when (_closing.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private async Task WaitUntilWantedAsync(int failures)
    {
        if (failures > 0)
        {
            await Task.Delay(_backoff.Pause(failures), _options.TimeProvider, _closing.Token).ConfigureAwait(false);
        }

        using var age = new CancellationTokenSource(_options.MetadataMaxAge, _options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(age.Token, _closing.Token);
        try
        {
            await _wanted.WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!_closing.IsCancellationRequested)
        {
            // Nobody asked for so long that the metadata is too old.
        }
    }

    private async Task<bool> RefreshOnceAsync()
    {
        TaskCompletionSource answer;
        IReadOnlyList<MetadataRequest> requests;
        lock (_lock)
        {
            _isWanted = false;
            answer = _nextAnswer;
            _nextAnswer = NewAnswer();
            requests = NextRequests();
        }

        try
        {
            foreach (MetadataRequest request in requests)
            {
                Take(await _ask(request, _closing.Token).ConfigureAwait(false));
            }

            _lastFailure = null;
            answer.SetResult();
            return true;
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
            answer.SetException(new ObjectDisposedException(nameof(KafkaClient)));
            throw;
        }
        catch (Exception failure)
        {
            // Whatever it is, those who wait learn it and the loop goes on: without metadata nothing works.
            Log.MetadataFailed(_log, failure);
            KafkaException told = failure as KafkaException ?? new KafkaException($"Metadata could not be read: {failure.Message}", failure);
            _lastFailure = told;
            answer.SetException(told);
            return false;
        }
    }

    /// <summary>What to ask: topics that are not there and may be created go in a request of their own, or it would create the others too.</summary>
    private List<MetadataRequest> NextRequests()
    {
        ILookup<bool, string> byCreation = _topics.Keys.Union(_kept).ToLookup(t => _createdOnAsk.Contains(t) && _current.FindTopic(t) is not { Error: ErrorCode.None });
        var requests = new List<MetadataRequest>();
        foreach (bool mayCreate in (bool[])[false, true])
        {
            // Without any topic brokers and controller are still wanted.
            if (byCreation.Contains(mayCreate) || (!mayCreate && byCreation.Count == 0))
            {
                requests.Add(new MetadataRequest
                {
                    Topics = byCreation[mayCreate].Select(t => new MetadataRequest.MetadataRequestTopic { Name = t }).ToList(),
                    AllowAutoTopicCreation = mayCreate,
                });
            }
        }

        return requests;
    }

    private void Take(MetadataResponse response)
    {
        lock (_lock)
        {
            if (response.ErrorCode == ErrorCode.RebootstrapRequired)
            {
                _current = _current.WithoutBrokers();
            }
            else
            {
                _current = _current.Apply(response, allTopics: false);
            }

            _changed.SetResult();
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        if (response.ErrorCode != ErrorCode.None)
        {
            throw new KafkaException(response.ErrorCode, $"The broker refused metadata: {response.ErrorCode.Meaning()} ({response.ErrorCode.Name()})");
        }
    }
}
