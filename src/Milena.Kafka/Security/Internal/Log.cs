using Microsoft.Extensions.Logging;

namespace Milena.Kafka.Security.Internal;

/// <summary>Events of security, 600 to 699.</summary>
internal static partial class Log
{
    [LoggerMessage(600, LogLevel.Information, "The certificates have changed; connections are renewed")]
    public static partial void CertificatesRenewed(ILogger logger);

    [LoggerMessage(601, LogLevel.Warning, "The certificates could not be read again, the last ones stay in use: {Reason}")]
    public static partial void CertificatesNotRenewed(ILogger logger, string reason);
}
