using Milena.Kafka.Common;

namespace Milena.Kafka;

/// <summary>How <see cref="Consumer{TKey, TValue}.RunAsync"/> processes records. Copied when it is called.</summary>
public sealed class RunOptions
{
    /// <summary>How many handlers may run at a time.</summary>
    /// <value>The number of processors.</value>
    /// <remarks>No Kafka property.</remarks>
    public int Parallelism { get; set; } = Environment.ProcessorCount;

    /// <summary>Which records must not overtake one another.</summary>
    /// <value><see cref="ProcessingOrder.Partition"/>.</value>
    /// <remarks>No Kafka property.</remarks>
    public ProcessingOrder Ordering { get; set; } = ProcessingOrder.Partition;

    /// <summary>How many records may be in work: those whose handlers run or wait for their turn, and those that are finished behind one that is not.</summary>
    /// <value>1,000. Shared out evenly among the assigned partitions; one that has its share in work is left out until half of it is done.</value>
    /// <remarks>No Kafka property.</remarks>
    public int MaxInFlight { get; set; } = 1000;

    /// <summary>What happens with a record whose handler throws.</summary>
    /// <value><see cref="FailurePolicy.Stop"/>: nothing is skipped unless that was chosen.</value>
    /// <remarks>No Kafka property.</remarks>
    public FailurePolicy OnFailure { get; set; } = FailurePolicy.Stop;

    /// <summary>How long handlers that run may take to end when the processing stops, before their token is set off.</summary>
    /// <value>30 s.</value>
    /// <remarks>No Kafka property.</remarks>
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(30);

    internal RunOptions Clone() => (RunOptions)MemberwiseClone();

    internal void Validate() => new OptionFaults(nameof(RunOptions))
        .Require(Parallelism >= 1, $"Parallelism is {Parallelism}; it must be above zero.")
        .Require(Enum.IsDefined(Ordering), $"Ordering is {Ordering}, which is none.")
        .Require(MaxInFlight >= 1, $"MaxInFlight is {MaxInFlight}; it must be above zero.")
        .Require(OnFailure is not null, "OnFailure is null; choose a policy.")
        .RequireNotNegative(StopTimeout, nameof(StopTimeout))
        .ThrowIfAny();
}
