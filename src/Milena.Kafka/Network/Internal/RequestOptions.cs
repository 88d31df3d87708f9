namespace Milena.Kafka.Network.Internal;

/// <summary>What one request wants otherwise than the connection does.</summary>
/// <param name="MaxVersion">The highest version of the API to speak; null: no limit.</param>
/// <param name="Timeout">How long the request may take; null: the connection's request time-out.</param>
internal readonly record struct RequestOptions(short? MaxVersion = null, TimeSpan? Timeout = null);
