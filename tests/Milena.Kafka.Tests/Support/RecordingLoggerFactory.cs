using Microsoft.Extensions.Logging;

namespace Milena.Kafka.Tests.Support;

/// <summary>Keeps what is logged, and lets tests wait for it.</summary>
internal sealed class RecordingLoggerFactory : ILoggerFactory, ILogger
{
    private readonly Lock _gate = new();
    private readonly List<LoggedEvent> _events = [];
    private readonly List<(int Id, TaskCompletionSource Seen)> _waiters = [];

    public LoggedEvent[] Events
    {
        get
        {
            lock (_gate)
            {
                return [.. _events];
            }
        }
    }

    public LoggedEvent[] Of(int id) => [.. Events.Where(e => e.Id == id)];

    /// <summary>Ends when an event of this id has been logged.</summary>
    public Task WhenLoggedAsync(int id)
    {
        lock (_gate)
        {
            if (_events.Exists(e => e.Id == id))
            {
                return Task.CompletedTask;
            }

            var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((id, seen));
            return seen.Task;
        }
    }

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public void Dispose()
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_gate)
        {
            _events.Add(new LoggedEvent(eventId.Id, logLevel, formatter(state, exception), exception));
            foreach ((int id, TaskCompletionSource seen) in _waiters)
            {
                if (id == eventId.Id)
                {
                    seen.TrySetResult();
                }
            }
        }
    }
}
