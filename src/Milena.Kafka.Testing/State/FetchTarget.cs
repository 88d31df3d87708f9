using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Testing.State;

/// <summary>One partition of a fetch, and what its session has last told of it. Guarded by <see cref="FetchSessions"/> once it is in a session.</summary>
internal sealed class FetchTarget(FetchKey key, FetchRequest.FetchPartition wanted)
{
    public FetchKey Key { get; } = key;

    public FetchRequest.FetchPartition Wanted { get; set; } = wanted;

    public long ToldHighWatermark { get; set; } = -1;

    public long ToldLogStart { get; set; } = -1;
}
