namespace Milena.Kafka.Network.Internal;

/// <summary>What one request wants otherwise than the connection does.</summary>
/// <param name="MaxVersion">The highest version of the API to speak; null: no limit.</param>
/// <param name="Timeout">How long the request may take; null: the connection's request time-out.</param>
/// <param name="IsInline">
/// Saves the waking of threads: the caller's thread writes the request if nothing else is being written, and what awaits the answer goes on within the
/// receive loop. Only for callers that hold no lock when they send, and are quick and never block when they are answered.
/// </param>
internal readonly record struct RequestOptions(short? MaxVersion = null, TimeSpan? Timeout = null, bool IsInline = false);
