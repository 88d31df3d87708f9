using Milena.Kafka.Protocol;

namespace Milena.Kafka;

/// <summary>What the last fetch brought of a partition.</summary>
/// <param name="At">When its answer came.</param>
/// <param name="BrokerId">The broker that was asked.</param>
/// <param name="Error">What it said; <see cref="ErrorCode.None"/> if all was well.</param>
/// <param name="Bytes">Bytes of records. A broker that has nothing new mostly leaves the partition out of its answer, which counts as no fetch here.</param>
public readonly record struct FetchOutcome(DateTimeOffset At, int BrokerId, ErrorCode Error, int Bytes);
