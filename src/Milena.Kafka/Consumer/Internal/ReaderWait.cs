namespace Milena.Kafka.Consumer.Internal;

/// <summary>The time in which the reader waits for records, and not the other way round.</summary>
internal readonly struct ReaderWait : IDisposable
{
    private readonly FetchState _state;

    public ReaderWait(FetchState state) => _state = state;

    public void Dispose() => _state.EndWait();
}
