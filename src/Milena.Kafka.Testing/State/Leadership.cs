namespace Milena.Kafka.Testing.State;

/// <summary>Who leads a partition and who follows, at one moment; never changed, only replaced.</summary>
/// <param name="Leader">The leader, or -1 while there is none.</param>
/// <param name="Epoch">Goes up with each change of the leader.</param>
/// <param name="Replicas">All replicas, the preferred leader first.</param>
/// <param name="InSync">Those of them that are alive.</param>
internal sealed record Leadership(int Leader, int Epoch, IReadOnlyList<int> Replicas, IReadOnlyList<int> InSync);
