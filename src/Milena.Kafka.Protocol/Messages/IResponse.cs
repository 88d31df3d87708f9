namespace Milena.Kafka.Protocol;

/// <summary>The body of a response.</summary>
public interface IResponse : IMessage
{
    /// <summary>The API that the response belongs to.</summary>
    Api Api { get; }

    /// <summary>How long the broker asks the client to send nothing on this connection (KIP-219); always zero where the API cannot say so.</summary>
    TimeSpan ThrottleTime { get; set; }
}

/// <summary>The body of a response that can be read.</summary>
/// <typeparam name="TSelf">The response itself.</typeparam>
public interface IResponse<TSelf> : IResponse, IMessage<TSelf>
    where TSelf : IResponse<TSelf>;
