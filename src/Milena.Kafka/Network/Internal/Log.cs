using Microsoft.Extensions.Logging;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Network.Internal;

/// <summary>Events of the network layer, 100 to 199.</summary>
internal static partial class Log
{
    [LoggerMessage(100, LogLevel.Debug, "Connected to {Endpoint}")]
    public static partial void Connected(ILogger logger, string endpoint);

    [LoggerMessage(101, LogLevel.Information, "The connection to {Endpoint} ended: {Reason}")]
    public static partial void Ended(ILogger logger, string endpoint, string reason);

    [LoggerMessage(102, LogLevel.Debug, "The connection to {Endpoint} was closed: {Reason}")]
    public static partial void Closed(ILogger logger, string endpoint, string reason);

    [LoggerMessage(103, LogLevel.Error, "The connection to {Endpoint} was closed, since what came over it is not to be trusted: {Reason}")]
    public static partial void Poisoned(ILogger logger, string endpoint, string reason);

    [LoggerMessage(104, LogLevel.Debug, "{Endpoint} does not know ApiVersions v{Version}; asking with v{Next}")]
    public static partial void SteppingDown(ILogger logger, string endpoint, short version, short next);

    [LoggerMessage(105, LogLevel.Debug, "{Endpoint} throttles: nothing is sent for {ThrottleTime} after an answer to {Api}")]
    public static partial void Throttled(ILogger logger, string endpoint, TimeSpan throttleTime, ApiKey api);

    [LoggerMessage(106, LogLevel.Debug, "Disposing the stream to {Endpoint} failed")]
    public static partial void DisposeFailed(ILogger logger, Exception exception, string endpoint);

    [LoggerMessage(107, LogLevel.Warning, "The stream to {Endpoint} did not end its reads and writes after it was disposed; they are left behind")]
    public static partial void LoopsLeftBehind(ILogger logger, string endpoint);

    [LoggerMessage(108, LogLevel.Debug, "Authenticated with {Endpoint} by {Mechanism}; the session lasts {Lifetime}, zero for as long as the connection")]
    public static partial void Authenticated(ILogger logger, string endpoint, string mechanism, TimeSpan lifetime);

    [LoggerMessage(109, LogLevel.Warning, "The session with {Endpoint} could not be renewed: {Reason}")]
    public static partial void RenewalFailed(ILogger logger, string endpoint, string reason);

    /// <summary>Logs the end of a connection at the level that its reason deserves.</summary>
    public static void End(ILogger logger, string endpoint, CloseReason reason)
    {
        switch (reason.Kind)
        {
            case CloseKind.ByClient or CloseKind.Idle:
                Closed(logger, endpoint, reason.Exception.Message);
                break;
            case CloseKind.Poisoned:
                Poisoned(logger, endpoint, reason.Exception.Message);
                break;
            default:
                Ended(logger, endpoint, reason.Exception.Message);
                break;
        }
    }
}
