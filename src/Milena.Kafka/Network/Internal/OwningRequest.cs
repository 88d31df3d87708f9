using Milena.Kafka.Protocol;

namespace Milena.Kafka.Network.Internal;

/// <summary>A request whose response brings its buffer along, to be given back by the caller.</summary>
/// <typeparam name="TResponse">The response.</typeparam>
internal sealed class OwningRequest<TResponse>(Api api) : PendingRequest<OwnedResponse<TResponse>>(api)
    where TResponse : IResponse<TResponse>
{
    /// <inheritdoc/>
    public override TimeSpan Answer(Frame frame)
    {
        TResponse response = ResponseFrame.Read<TResponse>(frame.Memory, Api, Version);
        TimeSpan throttleTime = response.ThrottleTime;
        if (!TrySetResult(new OwnedResponse<TResponse>(response, Version, frame)))
        {
            frame.Dispose();
        }

        return throttleTime;
    }
}
