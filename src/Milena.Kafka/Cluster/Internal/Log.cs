using Microsoft.Extensions.Logging;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Cluster.Internal;

/// <summary>What the cluster layer says, event ids 200 to 299.</summary>
internal static partial class Log
{
    [LoggerMessage(200, LogLevel.Information, "Metadata could not be fetched; it is tried again")]
    public static partial void MetadataFailed(ILogger logger, Exception failure);

    [LoggerMessage(201, LogLevel.Debug, "{Operation} is tried again after {Failure}")]
    public static partial void OperationRetried(ILogger logger, ApiKey operation, string failure);
}
