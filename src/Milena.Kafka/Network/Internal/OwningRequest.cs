using System.Diagnostics.CodeAnalysis;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Network.Internal;

/// <summary>A request whose response brings its buffer along, to be given back by the caller.</summary>
/// <typeparam name="TResponse">The response.</typeparam>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "The answer only passes through: the caller owns it, or Finish disposes it.")]
internal sealed class OwningRequest<TResponse>(Api api) : PendingRequest<OwnedResponse<TResponse>>(api)
    where TResponse : IResponse<TResponse>
{
    private OwnedResponse<TResponse>? _answer;

    /// <inheritdoc/>
    public override TimeSpan Read(Frame frame)
    {
        _answer = new OwnedResponse<TResponse>(ResponseFrame.Read<TResponse>(frame.Memory, Api, Version), Version, frame);
        return _answer.Response.ThrottleTime;
    }

    /// <inheritdoc/>
    public override void Finish()
    {
        if (!TrySetResult(_answer!))
        {
            _answer!.Dispose();
        }
    }
}
