using Milena.Kafka.Network.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Consumer.Internal;

/// <summary>
/// The question whether a new leader has what was read from an old one (KIP-320), for brokers whose Fetch does not say so by itself (KIP-595, Fetch version 12). Decides only.
/// </summary>
internal static class EpochCheck
{
    // Below it consumers are not allowed to ask.
    private const short FirstVersion = 3;
    private const short FirstFetchThatTells = 12;

    /// <summary>The partitions of a plan that must not be fetched before they have been asked about.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="versions">What the broker speaks.</param>
    /// <param name="fetchVersion">The version of Fetch that would be spoken.</param>
    public static List<FetchTarget> Doubtful(FetchPlan plan, BrokerVersions versions, short fetchVersion)
    {
        bool canAsk = fetchVersion < FirstFetchThatTells && versions.TryNegotiate(Apis.OffsetForLeaderEpoch, short.MaxValue, out short version) && version >= FirstVersion;
        return canAsk ? plan.Targets.FindAll(t => t.IsDoubtful) : [];
    }

    public static OffsetForLeaderEpochRequest Question(List<FetchTarget> targets) => new()
    {
        ReplicaId = -1,
        Topics = [.. targets.GroupBy(t => t.State.Partition.Topic).Select(topic => new OffsetForLeaderEpochRequest.OffsetForLeaderTopic
        {
            Topic = topic.Key,
            Partitions = [.. topic.Select(t => new OffsetForLeaderEpochRequest.OffsetForLeaderPartition
            {
                Partition = t.State.Partition.Partition,
                CurrentLeaderEpoch = t.Position.LeaderEpoch,
                LeaderEpoch = t.Position.LastFetchedEpoch,
            })],
        })],
    };

    /// <summary>What the answer about one partition means: nothing, a cut of the log, that it begins behind the position, or an error.</summary>
    public static FetchVerdict Read(OffsetForLeaderEpochResponse.EpochEndOffset answer, long position)
    {
        FetchAction action = FetchErrors.Decide(answer.ErrorCode) switch
        {
            FetchAction.None when answer.EndOffset < 0 => FetchAction.OutOfRange,
            FetchAction.None when answer.EndOffset < position => FetchAction.CutBack,

            // An offset was not asked about: whoever says so has said nothing of the position.
            FetchAction.OutOfRange => FetchAction.Retry,
            var decided => decided,
        };
        return new FetchVerdict(action, answer.EndOffset, answer.LeaderEpoch);
    }
}
