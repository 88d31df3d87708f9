using Milena.Kafka.Protocol;

namespace Milena.Kafka.Testing.State;

/// <summary>What became of a batch that was to be appended.</summary>
internal sealed record AppendResult(long BaseOffset, long? LogAppendTime, long LogStartOffset, AppendError? Error)
{
    public static AppendResult Failed(ErrorCode code, string message) => Failed(new AppendError(code, message));

    public static AppendResult Failed(AppendError error) => new(-1, null, -1, error);
}
