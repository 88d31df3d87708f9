namespace Milena.Kafka.Security.Internal;

/// <summary>An exchange of one message whose answer says nothing but yes.</summary>
internal sealed class SingleMessageExchange(byte[] message, string secret) : ISaslExchange, ISecretKeeper
{
    private bool _isSent;

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>?> RespondAsync(ReadOnlyMemory<byte> challenge, CancellationToken cancellationToken)
    {
        if (_isSent)
        {
            return new(default(ReadOnlyMemory<byte>?));
        }

        _isSent = true;
        return new(message.AsMemory());
    }

    /// <inheritdoc/>
    public string Hide(string text) => Secrets.Hide(text, secret);

    /// <inheritdoc/>
    public void Dispose() => Array.Clear(message);
}
