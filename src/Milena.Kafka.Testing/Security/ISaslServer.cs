namespace Milena.Kafka.Testing.Security;

/// <summary>The broker's side of one authentication.</summary>
internal interface ISaslServer : IDisposable
{
    string Mechanism { get; }

    /// <summary>Takes a message of the client.</summary>
    /// <returns>What follows from it.</returns>
    ValueTask<SaslStep> EvaluateAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken);
}
