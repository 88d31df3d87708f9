using Milena.Kafka.Protocol;

namespace Milena.Kafka.Diagnostics.Internal;

/// <summary>What <c>error.type</c> says: a broker's error code by Kafka's name, else the type of the exception. Few different values, as metrics need.</summary>
internal static class ErrorTypes
{
    private const string Other = "_OTHER";

    public static string Of(ErrorCode code, Exception? failure) =>
        code != ErrorCode.None ? code.Name()
        : failure is KafkaException { Code: not ErrorCode.None } known ? known.Code.Name()
        : failure?.GetType().FullName ?? Other;
}
