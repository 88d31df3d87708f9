using Milena.Kafka.Network.Internal;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Consumer.Internal;

/// <summary>A fetch answer in its pooled buffer, held by each partition's records in it. The buffer goes back when the last of them is done.</summary>
internal sealed class SharedResponse
{
    private readonly OwnedResponse<FetchResponse> _owned;
    private readonly BrokerFetcher _fetcher;
    private int _holders = 1;

    /// <summary>Takes over the answer; the caller is its first holder.</summary>
    public SharedResponse(OwnedResponse<FetchResponse> owned, BrokerFetcher fetcher)
    {
        _owned = owned;
        _fetcher = fetcher;
        Size = SizeOf(owned.Response);
        fetcher.Buffer(Size);
    }

    public FetchResponse Response => _owned.Response;

    /// <summary>The broker that gave it.</summary>
    public int BrokerId => _fetcher.BrokerId;

    /// <summary>Bytes of records.</summary>
    public long Size { get; }

    /// <summary>The bytes of records in an answer.</summary>
    public static long SizeOf(FetchResponse response)
    {
        long size = 0;
        foreach (FetchResponse.FetchableTopicResponse topic in response.Responses)
        {
            foreach (FetchResponse.PartitionData partition in topic.Partitions)
            {
                size += partition.Records?.Length ?? 0;
            }
        }

        return size;
    }

    public SharedResponse Hold()
    {
        Interlocked.Increment(ref _holders);
        return this;
    }

    public void Release()
    {
        // Each holder releases once, so the count reaches zero once.
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            _owned.Dispose();
            _fetcher.Unbuffer(Size);
        }
    }
}
