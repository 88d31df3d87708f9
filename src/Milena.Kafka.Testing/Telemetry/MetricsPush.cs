using Milena.Kafka.Protocol;

namespace Milena.Kafka.Testing.Telemetry;

/// <summary>A client's push, but for the metrics themselves.</summary>
internal readonly record struct MetricsPush(int SubscriptionId, CompressionType Compression, int Size, bool IsTerminating);
