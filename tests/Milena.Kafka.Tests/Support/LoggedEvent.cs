using Microsoft.Extensions.Logging;

namespace Milena.Kafka.Tests.Support;

/// <summary>One line of a log.</summary>
internal sealed record LoggedEvent(int Id, LogLevel Level, string Message, Exception? Exception);
