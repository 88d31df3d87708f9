using Milena.Kafka.Protocol;

namespace Milena.Kafka.Cluster.Internal;

/// <summary>Makes the exception of an error code that a broker answered with.</summary>
internal static class BrokerFault
{
    /// <param name="what">What was asked for, such as <c>Deleting topic 'orders'</c>.</param>
    /// <param name="error">The broker's code.</param>
    /// <param name="detail">What the broker said in words, if it did.</param>
    /// <param name="topic">The topic that it was about; null for none, or several.</param>
    public static KafkaException Of(string what, ErrorCode error, string? detail, string? topic = null)
    {
        string message = $"{what}: {(string.IsNullOrEmpty(detail) ? error.Meaning() : detail)} ({error.Name()})";
        return error.Family() == ErrorFamily.Authorization
            ? new AuthorizationException(error, message) { ResourceName = error == ErrorCode.TopicAuthorizationFailed ? topic : null }
            : new KafkaException(error, message);
    }
}
