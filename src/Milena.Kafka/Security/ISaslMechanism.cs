namespace Milena.Kafka;

/// <summary>A way to authenticate by SASL. Plug in your own where the built-in ones do not fit.</summary>
/// <remarks>Any number of connections may authenticate at once. <see cref="object.ToString"/> must not name a secret.</remarks>
public interface ISaslMechanism
{
    /// <summary>The registered name, such as <c>SCRAM-SHA-512</c>.</summary>
    string Name { get; }

    /// <summary>Begins one authentication: at the opening of a connection, and again before each session ends (KIP-368). The place to fetch credentials.</summary>
    /// <param name="target">The broker.</param>
    /// <param name="cancellationToken">Ends the attempt; also set off when the connection set-up time-out has passed.</param>
    /// <returns>The client's side of the exchange; disposed when it is over.</returns>
    ValueTask<ISaslExchange> StartAsync(SaslTarget target, CancellationToken cancellationToken);
}
