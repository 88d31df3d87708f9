using System.Diagnostics;

namespace Milena.Kafka.Diagnostics.Internal;

/// <summary>The source of the client's spans.</summary>
internal static class KafkaActivities
{
    public static ActivitySource Source { get; } = new(KafkaDiagnostics.ActivitySourceName);

    /// <summary>Whether anybody listens: all that tracing costs if nobody does.</summary>
    public static bool HasListeners => Source.HasListeners();
}
