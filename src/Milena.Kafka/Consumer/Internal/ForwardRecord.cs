namespace Milena.Kafka.Consumer.Internal;

/// <summary>Stores a record in another topic; ends when it is stored. The consumer does not know who does that.</summary>
internal delegate ValueTask ForwardRecord(ForwardedRecord record, CancellationToken cancellationToken);
