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
        Size = owned.Response.Responses.Sum(t => t.Partitions.Sum(p => (long)(p.Records?.Length ?? 0)));
        fetcher.Buffer(Size);
    }

    public FetchResponse Response => _owned.Response;

    /// <summary>Bytes of records.</summary>
    public long Size { get; }

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
