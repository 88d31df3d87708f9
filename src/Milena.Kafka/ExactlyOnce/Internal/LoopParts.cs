using Microsoft.Extensions.Logging;
using Milena.Kafka.Cluster.Internal;

namespace Milena.Kafka.ExactlyOnce.Internal;

/// <summary>What a run of a loop is made of.</summary>
internal sealed record LoopParts<TKey, TValue, TOutKey, TOutValue>(
    ExactlyOnceOptions Options,
    KafkaCluster Cluster,
    Func<IRebalanceListener, Consumer<TKey, TValue>> CreateConsumer,
    Func<Producer<TOutKey, TOutValue>> CreateProducer,
    Func<ConsumeBatch<TKey, TValue>, TransactionOutput<TOutKey, TOutValue>, CancellationToken, ValueTask> Handler,
    ILogger Log);
