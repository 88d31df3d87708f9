namespace Milena.Kafka.Tests.EndToEnd;

/// <summary>A cluster that the end-to-end suites run against.</summary>
public enum ClusterKind
{
    /// <summary>Our own, in this process.</summary>
    Embedded,

    /// <summary>librdkafka's mock cluster, in this process.</summary>
    Librdkafka,

    /// <summary>A running cluster that <c>KAFKA_BOOTSTRAP</c> names.</summary>
    Outside,

    /// <summary>Brokers of the distribution that <c>KAFKA_HOME</c> names.</summary>
    Home,
}
