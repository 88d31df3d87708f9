namespace Milena.Kafka.Consumer.Internal.Groups;

/// <summary>Whether and as whom one may commit at the moment.</summary>
/// <param name="Gate">Whether.</param>
/// <param name="Identity">As whom.</param>
/// <param name="Changed">Ends when that may have changed.</param>
internal readonly record struct CommitStanding(CommitGate Gate, GroupIdentity Identity, Task Changed);
