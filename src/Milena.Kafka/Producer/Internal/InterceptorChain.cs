using Microsoft.Extensions.Logging;

namespace Milena.Kafka.Producer.Internal;

/// <summary>The interceptors of a producer, in order. What one throws is logged and goes no further.</summary>
internal sealed class InterceptorChain<TKey, TValue>
{
    private readonly IProducerInterceptor<TKey, TValue>[] _interceptors;
    private readonly ILogger _logger;

    public InterceptorChain(IProducerInterceptor<TKey, TValue>[] interceptors, ILogger logger)
    {
        _interceptors = interceptors;
        _logger = logger;
    }

    public ProducerRecord<TKey, TValue> OnSend(in ProducerRecord<TKey, TValue> record)
    {
        ProducerRecord<TKey, TValue> current = record;
        foreach (IProducerInterceptor<TKey, TValue> interceptor in _interceptors)
        {
            try
            {
                ProducerRecord<TKey, TValue> next = interceptor.OnSend(in current);
                ArgumentException.ThrowIfNullOrEmpty(next.Topic, "Topic");
                current = next;
            }
            catch (Exception fault)
            {
                Log.InterceptorThrew(_logger, fault, interceptor.GetType().Name, nameof(OnSend));
            }
        }

        return current;
    }

    public void OnStored(in ProducerRecord<TKey, TValue> record, in DeliveryResult result)
    {
        foreach (IProducerInterceptor<TKey, TValue> interceptor in _interceptors)
        {
            try
            {
                interceptor.OnStored(in record, in result);
            }
            catch (Exception fault)
            {
                Log.InterceptorThrew(_logger, fault, interceptor.GetType().Name, nameof(OnStored));
            }
        }
    }

    public void OnFailed(in ProducerRecord<TKey, TValue> record, Exception failure)
    {
        foreach (IProducerInterceptor<TKey, TValue> interceptor in _interceptors)
        {
            try
            {
                interceptor.OnFailed(in record, failure);
            }
            catch (Exception fault)
            {
                Log.InterceptorThrew(_logger, fault, interceptor.GetType().Name, nameof(OnFailed));
            }
        }
    }
}
