namespace Milena.Kafka.Consumer.Internal;

/// <summary>What <c>await foreach</c> asks for an enumerator.</summary>
internal sealed class Enumeration<T> : IAsyncEnumerable<T>
{
    private readonly Func<CancellationToken, IAsyncEnumerator<T>> _begin;

    public Enumeration(Func<CancellationToken, IAsyncEnumerator<T>> begin) => _begin = begin;

    public IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken cancellationToken = default) => _begin(cancellationToken);
}
