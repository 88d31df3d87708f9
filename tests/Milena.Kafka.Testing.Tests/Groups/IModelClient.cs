using Milena.Kafka.Testing.Groups.Consumer;

namespace Milena.Kafka.Testing.Tests.Groups;

/// <summary>A consumer as far as its group is concerned: what it reads, and what it does next.</summary>
internal interface IModelClient
{
    IReadOnlyCollection<TopicIdPartition> Owned { get; }

    /// <summary>Does the next thing that the protocol wants of it.</summary>
    /// <param name="isQuiet">Whether it does so at once and without anything going wrong.</param>
    void Step(bool isQuiet);

    /// <summary>Gives everything up if it has not been heard for the length of a session.</summary>
    void SeeTime(DateTimeOffset now);

    void SeeTopics();

    void Leave();
}
