using Microsoft.Extensions.Logging;

namespace Milena.Kafka.Consumer.Internal;

/// <summary>The interceptors of a consumer, in order. What one throws is logged and goes no further.</summary>
internal sealed class ConsumerInterceptors<TKey, TValue>
{
    private readonly IConsumerInterceptor<TKey, TValue>[] _interceptors;
    private readonly ILogger _log;

    public ConsumerInterceptors(IConsumerInterceptor<TKey, TValue>[] interceptors, ILogger log)
    {
        _interceptors = interceptors;
        _log = log;
    }

    public ConsumeResult<TKey, TValue> OnConsume(in ConsumeResult<TKey, TValue> record)
    {
        ConsumeResult<TKey, TValue> current = record;
        foreach (IConsumerInterceptor<TKey, TValue> interceptor in _interceptors)
        {
            try
            {
                ConsumeResult<TKey, TValue> next = interceptor.OnConsume(in current);

                // Only key and value may differ: by its place a record is committed.
                current = current.With(next.Key, next.Value);
            }
            catch (Exception fault)
            {
                Log.InterceptorThrew(_log, fault, interceptor.GetType().Name, nameof(OnConsume));
            }
        }

        return current;
    }

    public void OnCommit(IReadOnlyList<PartitionOffset> offsets)
    {
        foreach (IConsumerInterceptor<TKey, TValue> interceptor in _interceptors)
        {
            try
            {
                interceptor.OnCommit(offsets);
            }
            catch (Exception fault)
            {
                Log.InterceptorThrew(_log, fault, interceptor.GetType().Name, nameof(OnCommit));
            }
        }
    }
}
