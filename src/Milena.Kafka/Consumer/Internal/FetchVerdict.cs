using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Consumer.Internal;

/// <summary>What the answer about one partition means.</summary>
/// <param name="Action">What to do.</param>
/// <param name="NextOffset">Where to fetch on: behind the records, or where the log was cut back to.</param>
/// <param name="LastEpoch">The leader epoch of the last whole batch; -1 if there is none.</param>
internal readonly record struct FetchVerdict(FetchAction Action, long NextOffset, int LastEpoch)
{
    /// <summary>Decides.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="asked">The offset that was asked for.</param>
    public static FetchVerdict Of(FetchResponse.PartitionData answer, long asked)
    {
        FetchAction action = FetchErrors.Decide(answer.ErrorCode);
        if (action != FetchAction.None)
        {
            return new FetchVerdict(action, asked, -1);
        }

        if (answer.DivergingEpoch.EndOffset >= 0)
        {
            return new FetchVerdict(FetchAction.CutBack, answer.DivergingEpoch.EndOffset, -1);
        }

        ReadOnlyMemory<byte> records = answer.Records ?? default;
        if (records.IsEmpty)
        {
            return new FetchVerdict(FetchAction.None, asked, -1);
        }

        // Without one whole batch it is a damaged head, which the reader reports, or a batch that was cut off behind other partitions.
        (long next, int epoch) = FetchedEnd.Of(records, asked);
        bool isReadable = next > asked || FetchedEnd.IsDamaged(records);
        return new FetchVerdict(isReadable ? FetchAction.Read : FetchAction.AskAgain, next, epoch);
    }
}
