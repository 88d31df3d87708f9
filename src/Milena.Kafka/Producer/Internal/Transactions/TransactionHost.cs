namespace Milena.Kafka.Producer.Internal.Transactions;

/// <summary>What a session asks of its producer.</summary>
/// <param name="PassGates">Returns when no append that had begun before is under way.</param>
/// <param name="DropWaiting">Fails the batches that are not on their way, with a reason.</param>
/// <param name="DrainAsync">Sends all without lingering, and ends when all that was accepted before has ended.</param>
/// <param name="FailAll">Ends the producer as a whole.</param>
internal sealed record TransactionHost(Action PassGates, Action<string> DropWaiting, Func<Task> DrainAsync, Action<KafkaException> FailAll);
