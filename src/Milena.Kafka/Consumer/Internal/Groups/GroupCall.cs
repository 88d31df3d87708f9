using Milena.Kafka.Network.Internal;

namespace Milena.Kafka.Consumer.Internal.Groups;

/// <summary>One request of a membership to its coordinator.</summary>
internal abstract class GroupCall
{
    /// <summary>How long the answer may take; null for the usual time.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Asks, and returns what gives the answer to the membership at a time; the caller holds its lock for that.</summary>
    /// <exception cref="KafkaException">There was no answer.</exception>
    public abstract Task<Action<TimeSpan>> SendAsync(Connection connection, CancellationToken cancellationToken);
}
