using Milena.Kafka.Protocol;

namespace Milena.Kafka.Network.Internal;

/// <summary>A request whose response stands on its own.</summary>
/// <typeparam name="TResponse">The response.</typeparam>
internal sealed class AnsweredRequest<TResponse>(Api api, bool isInline = false) : PendingRequest<TResponse>(api, isInline)
    where TResponse : IResponse<TResponse>
{
    private TResponse? _answer;

    /// <inheritdoc/>
    public override TimeSpan Read(Frame frame)
    {
        _answer = ResponseFrame.Read<TResponse>(frame.Memory, Api, Version);
        if (Api.ResponseBorrowsFrame)
        {
            // Nobody can tell when the slices are read for the last time.
            frame.Abandon();
        }
        else
        {
            frame.Dispose();
        }

        return _answer.ThrottleTime;
    }

    /// <inheritdoc/>
    public override void Finish() => TrySetResult(_answer!);
}
