namespace Milena.Kafka.Security.Internal;

/// <summary>Takes secrets out of what others wrote, before it goes into a message.</summary>
internal static class Secrets
{
    private const string Hidden = "[hidden]";

    /// <summary>Hides secrets, and what a peer may have made of them by URL or Base64 encoding.</summary>
    public static string Hide(string text, params ReadOnlySpan<string?> secrets)
    {
        foreach (string? secret in secrets)
        {
            if (!string.IsNullOrEmpty(secret))
            {
                text = text
                    .Replace(secret, Hidden, StringComparison.Ordinal)
                    .Replace(Uri.EscapeDataString(secret), Hidden, StringComparison.OrdinalIgnoreCase)
                    .Replace(Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(secret)), Hidden, StringComparison.Ordinal);
            }
        }

        return text;
    }
}
