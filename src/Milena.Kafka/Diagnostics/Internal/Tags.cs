namespace Milena.Kafka.Diagnostics.Internal;

/// <summary>The names of tags: those of OpenTelemetry's messaging conventions, and Kafka's words where these have none.</summary>
internal static class Tags
{
    public const string System = "messaging.system";

    public const string Kafka = "kafka";

    public const string ClientId = "messaging.client.id";

    public const string Topic = "messaging.destination.name";

    public const string Partition = "messaging.destination.partition.id";

    public const string OperationName = "messaging.operation.name";

    public const string OperationType = "messaging.operation.type";

    public const string Send = "send";

    public const string Poll = "poll";

    public const string Receive = "receive";

    public const string Process = "process";

    public const string Group = "messaging.consumer.group.name";

    public const string BatchCount = "messaging.batch.message_count";

    public const string RebalanceCause = "kafka.rebalance.cause";

    public const string AbortCause = "kafka.abort.cause";

    public const string TransactionOutcome = "kafka.transaction.outcome";

    public const string TransactionalId = "kafka.transactional_id";

    public const string MessageKey = "messaging.kafka.message.key";

    public const string Offset = "messaging.kafka.offset";

    public const string Tombstone = "messaging.kafka.message.tombstone";

    public const string Error = "error.type";

    /// <summary>The conventions name a broker by its address only, which says little where brokers stand behind one name.</summary>
    public const string Broker = "kafka.broker.id";
}
