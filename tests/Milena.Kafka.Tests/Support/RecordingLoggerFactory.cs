using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Milena.Kafka.Tests.Support;

/// <summary>Keeps all that is logged, at every level, and lets a test wait for an event.</summary>
internal sealed class RecordingLoggerFactory : ILoggerFactory, ILogger
{
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource> _seen = new();

    public string Text => string.Join('\n', _lines);

    /// <summary>Ends when an event of this id has been logged.</summary>
    public Task WaitForAsync(int eventId, CancellationToken cancellationToken) => Seen(eventId).Task.WaitAsync(cancellationToken);

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        _lines.Enqueue($"{eventId.Id} {formatter(state, exception)} {state} {exception}");
        Seen(eventId.Id).TrySetResult();
    }

    public void Dispose()
    {
    }

    private TaskCompletionSource Seen(int eventId) => _seen.GetOrAdd(eventId, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}
