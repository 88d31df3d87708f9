namespace Milena.Kafka.Testing.Groups.Consumer;

/// <summary>Where a group of the KIP-848 protocol stands. The names are those that admin clients are told.</summary>
internal enum ConsumerGroupState
{
    Empty,
    Assigning,
    Reconciling,
    Stable,
    Dead,
}
