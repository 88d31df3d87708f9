using System.Text.Json;

namespace Milena.Kafka.Security.Internal;

/// <summary>The client's side of AWS_MSK_IAM: a signed request out, a version and request id back.</summary>
internal sealed class AwsMskIamExchange(byte[] message) : ISaslExchange
{
    private bool _isSent;

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>?> RespondAsync(ReadOnlyMemory<byte> challenge, CancellationToken cancellationToken)
    {
        if (!_isSent)
        {
            _isSent = true;
            return new(message.AsMemory());
        }

        try
        {
            using JsonDocument answer = JsonDocument.Parse(challenge);
            if (answer.RootElement.ValueKind == JsonValueKind.Object && answer.RootElement.TryGetProperty("version", out JsonElement version)
                && version.ValueKind == JsonValueKind.String && version.GetString() == AwsMskIamMessage.Version)
            {
                return new(default(ReadOnlyMemory<byte>?));
            }
        }
        catch (JsonException)
        {
            // Told below.
        }

        throw new InvalidDataException("The broker's answer does not follow AWS_MSK_IAM.");
    }

    /// <inheritdoc/>
    public void Dispose() => Array.Clear(message);
}
