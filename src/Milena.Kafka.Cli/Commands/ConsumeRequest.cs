namespace Milena.Kafka.Cli.Commands;

/// <summary>What <c>milena consume</c> is asked for.</summary>
internal sealed record ConsumeRequest(string Topic, StartPosition From, int? Partition, long Count, bool UntilEnd, ConsumerOptions? Group);
