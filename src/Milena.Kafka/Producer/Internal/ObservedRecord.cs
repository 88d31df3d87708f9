using System.Diagnostics;

namespace Milena.Kafka.Producer.Internal;

/// <summary>One record that interceptors or a span follow to its end.</summary>
internal sealed class ObservedRecord<TKey, TValue> : RecordObserver
{
    private readonly ProducerRecord<TKey, TValue> _record;
    private readonly InterceptorChain<TKey, TValue>? _interceptors;
    private readonly Activity? _span;

    public ObservedRecord(in ProducerRecord<TKey, TValue> record, InterceptorChain<TKey, TValue>? interceptors, Activity? span)
    {
        _record = record;
        _interceptors = interceptors;
        _span = span;
    }

    public override void OnStored(in DeliveryResult result)
    {
        SendSpan.Stored(_span, in result);
        _interceptors?.OnStored(in _record, in result);
    }

    public override void OnFailed(Exception failure)
    {
        SendSpan.Failed(_span, failure);
        _interceptors?.OnFailed(in _record, failure);
    }
}
