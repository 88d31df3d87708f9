using System.Text;

namespace Milena.Kafka.Security.Internal;

/// <summary>Writes the one message of SASL/PLAIN (RFC 4616).</summary>
internal static class PlainMessage
{
    /// <summary>No authorization id, name, password.</summary>
    /// <exception cref="InvalidDataException">Name or password hold a zero character, which parts the fields.</exception>
    public static byte[] Of(SaslCredential credential) =>
        credential.UserName.Contains('\0', StringComparison.Ordinal) || credential.Password.Contains('\0', StringComparison.Ordinal)
            ? throw new InvalidDataException("The user name or the password holds a zero character, which PLAIN cannot carry.")
            : Encoding.UTF8.GetBytes($"\0{credential.UserName}\0{credential.Password}");
}
