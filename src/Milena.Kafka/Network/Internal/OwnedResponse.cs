namespace Milena.Kafka.Network.Internal;

/// <summary>A response together with the buffer that its slices lie in. Its one owner disposes it after the last read; a second time does nothing.</summary>
/// <typeparam name="TResponse">The response.</typeparam>
internal sealed class OwnedResponse<TResponse> : IDisposable
{
    private readonly Frame _frame;

    /// <summary>Takes over the frame.</summary>
    public OwnedResponse(TResponse response, short version, Frame frame)
    {
        Response = response;
        Version = version;
        _frame = frame;
    }

    /// <summary>The response. Its byte fields must not be read after <see cref="Dispose"/>.</summary>
    public TResponse Response { get; }

    /// <summary>The version that was spoken.</summary>
    public short Version { get; }

    /// <summary>Gives the buffer back to the pool.</summary>
    public void Dispose() => _frame.Dispose();
}
