namespace Milena.Kafka.Cli.Verification;

/// <summary>What became of one record.</summary>
/// <param name="Number">The record's number.</param>
/// <param name="Status">Null if it is stored.</param>
/// <param name="Partition">Its partition; -1 if it got none.</param>
/// <param name="Offset">Its offset; -1 if it is not known.</param>
/// <param name="Reason">Why it is not stored, or not known to be.</param>
internal readonly record struct DeliveryEvent(long Number, DeliveryStatus? Status, int Partition, long Offset, string? Reason);
