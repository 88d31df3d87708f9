using Milena.Kafka.Protocol;

namespace Milena.Kafka.Cluster.Internal;

/// <summary>Turns what a broker answered into the exception that a user sees.</summary>
internal static class BrokerFault
{
    /// <summary>The exception of an error code.</summary>
    /// <param name="what">What was asked for, as the beginning of a sentence.</param>
    /// <param name="error">The broker's code.</param>
    /// <param name="detail">What the broker said in words, if it did.</param>
    public static KafkaException Of(string what, ErrorCode error, string? detail = null)
    {
        string message = $"{what}: {(string.IsNullOrEmpty(detail) ? error.Meaning() : detail)} ({error.Name()})";
        return error.Family() == ErrorFamily.Authorization ? new AuthorizationException(error, message) : new KafkaException(error, message);
    }
}
