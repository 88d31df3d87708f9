namespace Milena.Kafka.Testing.Quotas;

/// <summary>The quotas that there are, by Kafka's names.</summary>
internal static class QuotaKeys
{
    public const string ProducerByteRate = "producer_byte_rate";
    public const string ConsumerByteRate = "consumer_byte_rate";
    public const string RequestPercentage = "request_percentage";
    public const string ControllerMutationRate = "controller_mutation_rate";
    public const string ConnectionCreationRate = "connection_creation_rate";

    private const double Epsilon = 1e-6;

    /// <summary>What is wrong with a quota of an entity; null if nothing is.</summary>
    public static string? FaultOf(QuotaEntity entity, string key, double? value)
    {
        bool isKnown = entity.Ip is null ? key is ProducerByteRate or ConsumerByteRate or RequestPercentage or ControllerMutationRate : key is ConnectionCreationRate;
        if (!isKnown)
        {
            return $"Invalid configuration key {key}";
        }

        bool mustBeWhole = key is ProducerByteRate or ConsumerByteRate or ConnectionCreationRate;
        return mustBeWhole && value is { } number && Math.Abs(Math.Truncate(number + Epsilon) - number) > Epsilon ? $"{key} must be a Long value" : null;
    }
}
