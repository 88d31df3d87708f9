using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Admin.Internal;

/// <summary>Reads the error of an answer about log directories.</summary>
internal static class LogDirs
{
    /// <summary>Before version 3 a broker that may not answer says so by telling no directory at all.</summary>
    public static ErrorCode ErrorOf(DescribeLogDirsResponse response) =>
        response is { ErrorCode: ErrorCode.None, Results.Count: 0 } ? ErrorCode.ClusterAuthorizationFailed : response.ErrorCode;
}
