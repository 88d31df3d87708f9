namespace Milena.Kafka.Producer.Internal;

/// <summary>How the delivery of consecutive records ended.</summary>
/// <param name="BaseOffset">The offset of the first one; -1 if it is not known.</param>
/// <param name="LogAppendTime">The broker's time in milliseconds since 1970; -1 if records keep their own.</param>
/// <param name="Fault">Why they failed; null if they are stored.</param>
internal readonly record struct DeliveryOutcome(long BaseOffset, long LogAppendTime, DeliveryFault? Fault)
{
    public static DeliveryOutcome Failed(DeliveryFault fault) => new(-1, -1, fault);
}
