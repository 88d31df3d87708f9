namespace Milena.Kafka.LoadTest;

/// <summary>The client that is measured.</summary>
internal enum ClientKind
{
    Milena,
    Confluent,
}
