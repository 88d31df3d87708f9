namespace Milena.Kafka;

/// <summary>The client's side of one authentication by SASL.</summary>
public interface ISaslExchange : IDisposable
{
    /// <summary>Answers the broker.</summary>
    /// <param name="challenge">What the broker sent; empty at the first call.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>What to send, which may be empty; null once the client has seen all that it needs, and checked it.</returns>
    /// <exception cref="InvalidDataException">The broker's message is not what the mechanism expects, or does not prove who the broker is; the message says why.</exception>
    ValueTask<ReadOnlyMemory<byte>?> RespondAsync(ReadOnlyMemory<byte> challenge, CancellationToken cancellationToken);
}
