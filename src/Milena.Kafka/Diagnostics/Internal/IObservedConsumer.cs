using System.Diagnostics.Metrics;

namespace Milena.Kafka.Diagnostics.Internal;

/// <summary>What a consumer says of itself when it is asked.</summary>
internal interface IObservedConsumer
{
    /// <summary>Records to be read, by partition.</summary>
    IEnumerable<Measurement<long>> Lag { get; }

    /// <summary>Bytes that are ready.</summary>
    Measurement<long> Buffered { get; }

    /// <summary>Seconds in which the loop has waited for records.</summary>
    Measurement<double> Idle { get; }
}
