namespace Milena.Kafka;

/// <summary>Keys of AWS.</summary>
/// <remarks><see cref="ToString"/> gives none of them.</remarks>
public sealed class AwsCredentials
{
    /// <summary>Creates the credentials.</summary>
    /// <param name="accessKeyId">The access key's id.</param>
    /// <param name="secretAccessKey">The secret access key.</param>
    /// <param name="sessionToken">The token of temporary credentials; null for permanent ones.</param>
    public AwsCredentials(string accessKeyId, string secretAccessKey, string? sessionToken = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(accessKeyId);
        ArgumentException.ThrowIfNullOrEmpty(secretAccessKey);
        AccessKeyId = accessKeyId;
        SecretAccessKey = secretAccessKey;
        SessionToken = sessionToken;
    }

    internal string AccessKeyId { get; }

    internal string SecretAccessKey { get; }

    internal string? SessionToken { get; }

    /// <inheritdoc/>
    public override string ToString() => "(AWS credentials)";
}
