using Milena.Kafka.Testing.Transactions;

namespace Milena.Kafka.Testing.State;

/// <summary>How the transaction of a producer ends in a partition.</summary>
/// <param name="Producer">Whose, with the epoch that the marker carries.</param>
/// <param name="IsCommit">Whether it is committed.</param>
/// <param name="CoordinatorEpoch">Of the coordinator that says so.</param>
/// <param name="MustHaveNewEpoch">Whether the epoch must be higher than that of the batches before it (KIP-890 part 2).</param>
internal readonly record struct TransactionMarker(ProducerIdentity Producer, bool IsCommit, int CoordinatorEpoch, bool MustHaveNewEpoch);
