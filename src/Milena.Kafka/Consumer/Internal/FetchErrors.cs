using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Consumer.Internal;

/// <summary>What fetch errors mean; all that is not special to fetching is in <see cref="Recovery"/>.</summary>
internal static class FetchErrors
{
    public static FetchAction Decide(ErrorCode error) => error switch
    {
        ErrorCode.None => FetchAction.None,
        ErrorCode.OffsetOutOfRange => FetchAction.OutOfRange,

        // A broker in trouble may recover; a reader that ends for it would have to be started again by hand.
        ErrorCode.UnknownServerError => FetchAction.Retry,
        _ => Recovery.Decide(error) switch
        {
            RecoveryAction.RefreshMetadata => FetchAction.RefreshMetadata,
            RecoveryAction.Retry or RecoveryAction.RetrySoon or RecoveryAction.FindCoordinator => FetchAction.Retry,
            _ => FetchAction.Fail,
        },
    };

    public static KafkaException Exception(TopicPartition partition, ErrorCode error)
    {
        string message = $"{partition} cannot be read: {error.Meaning()} ({error.Name()})";
        return error.Family() == ErrorFamily.Authorization
            ? new AuthorizationException(error, $"{message} Grant this principal READ on topic '{partition.Topic}'.") { ResourceName = partition.Topic, Operation = AclOperation.Read }
            : new KafkaException(error, message);
    }
}
