using Milena.Kafka.Testing.Groups.Consumer;

namespace Milena.Kafka.Testing.Tests.Groups;

/// <summary>A consumer as far as its group is concerned: what it reads, and what it does next.</summary>
internal interface IModelClient
{
    /// <summary>The instance id of a static member; null for a dynamic one.</summary>
    string? InstanceId { get; }

    IReadOnlyCollection<TopicIdPartition> Owned { get; }

    /// <summary>Does the next thing that the protocol wants of it.</summary>
    /// <param name="isQuiet">Whether it does so at once and without anything going wrong.</param>
    void Step(bool isQuiet);

    /// <summary>Gives everything up if it has not been heard for the length of a session.</summary>
    void SeeTime(DateTimeOffset now);

    void SeeTopics();

    /// <summary>Goes for good.</summary>
    void Leave();

    /// <summary>Goes and, as a static member, comes back: the new process is another client with the same instance id.</summary>
    void Restart();
}
