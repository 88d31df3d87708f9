namespace Milena.Kafka.Testing.Network;

/// <summary>What a client sent cannot be read or is not served; its connection is closed.</summary>
internal sealed class RequestRejectedException(string message, Exception? innerException = null) : Exception(message, innerException);
