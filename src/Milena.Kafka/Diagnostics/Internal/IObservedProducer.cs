using System.Diagnostics.Metrics;

namespace Milena.Kafka.Diagnostics.Internal;

/// <summary>What a producer says of itself when it is asked.</summary>
internal interface IObservedProducer
{
    Measurement<long> BufferUsed { get; }

    Measurement<long> BufferLimit { get; }

    /// <summary>Unanswered requests by broker.</summary>
    IEnumerable<Measurement<long>> InFlight { get; }
}
