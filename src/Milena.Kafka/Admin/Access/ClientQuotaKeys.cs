namespace Milena.Kafka;

/// <summary>Kafka's names of the quotas that brokers keep.</summary>
public static class ClientQuotaKeys
{
    /// <summary>Bytes that may be produced in a second, at each broker.</summary>
    public const string ProducerByteRate = "producer_byte_rate";

    /// <summary>Bytes that may be fetched in a second, at each broker.</summary>
    public const string ConsumerByteRate = "consumer_byte_rate";

    /// <summary>Per cent of the time of one of a broker's threads that requests may take; beyond 100 with several threads.</summary>
    public const string RequestPercentage = "request_percentage";

    /// <summary>Partitions that may be created or deleted in a second (KIP-599).</summary>
    public const string ControllerMutationRate = "controller_mutation_rate";

    /// <summary>Connections that an address may open in a second (KIP-612).</summary>
    public const string ConnectionCreationRate = "connection_creation_rate";
}
