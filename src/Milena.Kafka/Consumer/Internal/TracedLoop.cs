using System.Diagnostics;

namespace Milena.Kafka.Consumer.Internal;

/// <summary>
/// An enumeration whose loop body has a span, from when it looks at what it got until it comes back. The span is the current activity of the body, since both ends are
/// on the body's own path: what an asynchronous method makes current is undone when it returns, what a property or the start of a call does is not.
/// </summary>
internal sealed class TracedLoop<T> : IAsyncEnumerator<T>
{
    private readonly IAsyncEnumerator<T> _inner;
    private readonly Func<T, Activity?> _start;
    private Activity? _span;
    private bool _isNew;

    public TracedLoop(IAsyncEnumerator<T> inner, Func<T, Activity?> start)
    {
        _inner = inner;
        _start = start;
    }

    public T Current
    {
        get
        {
            T current = _inner.Current;
            if (_isNew)
            {
                _isNew = false;
                _span = _start(current);
            }

            return current;
        }
    }

    public ValueTask<bool> MoveNextAsync()
    {
        End();
        _isNew = true;
        return _inner.MoveNextAsync();
    }

    public ValueTask DisposeAsync()
    {
        End();
        return _inner.DisposeAsync();
    }

    private void End()
    {
        _span?.Dispose();
        _span = null;
    }
}
