namespace Milena.Kafka.Network.Internal;

/// <summary>Why a connection ended: one reason, told to every request that waits.</summary>
/// <param name="Kind">Who ended it.</param>
/// <param name="Exception">What happened.</param>
internal sealed record CloseReason(CloseKind Kind, ConnectionException Exception);
