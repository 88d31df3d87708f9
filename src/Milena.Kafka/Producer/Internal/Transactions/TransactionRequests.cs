using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Producer.Internal.Transactions;

/// <summary>Asks coordinators for a scope that has begun. Whatever goes wrong is an answer, also that the producer or its client was closed meanwhile.</summary>
internal sealed class TransactionRequests
{
    private readonly OperationDriver _driver;
    private readonly CancellationToken _closing;

    /// <summary>Makes one.</summary>
    /// <param name="driver">Carries the requests.</param>
    /// <param name="closing">Set off when the producer has closed.</param>
    public TransactionRequests(OperationDriver driver, CancellationToken closing)
    {
        _driver = driver;
        _closing = closing;
    }

    /// <summary>Asks for one part.</summary>
    public async Task<Answer<TResult>> AskAsync<TKey, TRequest, TResponse, TResult>(Operation<TKey, TRequest, TResponse, TResult> operation, TKey key)
        where TKey : notnull
        where TRequest : IRequest<TResponse>
        where TResponse : IResponse<TResponse>
    {
        Dictionary<TKey, Answer<TResult>> answers = await AskAsync(operation, [key]).ConfigureAwait(false);
        return answers[key];
    }

    /// <summary>Asks for many parts.</summary>
    public async Task<Dictionary<TKey, Answer<TResult>>> AskAsync<TKey, TRequest, TResponse, TResult>(
        Operation<TKey, TRequest, TResponse, TResult> operation, IReadOnlyCollection<TKey> keys)
        where TKey : notnull
        where TRequest : IRequest<TResponse>
        where TResponse : IResponse<TResponse>
    {
        try
        {
            return await _driver.RunAsync(operation, keys, null, _closing).ConfigureAwait(false);
        }
        catch (Exception closed) when (closed is ObjectDisposedException or OperationCanceledException)
        {
            return All(new KafkaException("The producer was closed meanwhile.", closed));
        }
        catch (KafkaException failure)
        {
            return All(failure);
        }

        Dictionary<TKey, Answer<TResult>> All(KafkaException failure) => keys.ToDictionary(key => key, _ => Answer<TResult>.Failed(failure));
    }
}
