namespace Milena.Kafka;

/// <summary>A user name and password.</summary>
/// <remarks><see cref="ToString"/> gives neither.</remarks>
public sealed class SaslCredential
{
    /// <summary>Creates the credential.</summary>
    /// <param name="userName">The user's name, or a delegation token's id.</param>
    /// <param name="password">The password, or a delegation token's HMAC as it was given out (Base64).</param>
    public SaslCredential(string userName, string password)
    {
        ArgumentException.ThrowIfNullOrEmpty(userName);
        ArgumentException.ThrowIfNullOrEmpty(password);
        UserName = userName;
        Password = password;
    }

    /// <summary>The user's name.</summary>
    public string UserName { get; }

    internal string Password { get; }

    /// <inheritdoc/>
    public override string ToString() => "(a user name and password)";
}
