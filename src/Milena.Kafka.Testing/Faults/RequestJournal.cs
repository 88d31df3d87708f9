using Milena.Kafka.Protocol;

namespace Milena.Kafka.Testing.Faults;

/// <summary>The latest requests of each API, within bounds. Thread-safe.</summary>
internal sealed class RequestJournal(int maxRequests, long maxBytes)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ApiKey, Entry> _entries = [];

    public void Add(ReceivedRequest request)
    {
        Entry entry = EntryOf(request.Api);
        lock (_gate)
        {
            entry.Requests.Enqueue(request);
            entry.Bytes += request.Size;
            while (entry.Requests.Count > maxRequests || (entry.Bytes > maxBytes && entry.Requests.Count > 1))
            {
                entry.Bytes -= entry.Requests.Dequeue().Size;
            }
        }

        entry.Arrivals.Increment();
    }

    public IReadOnlyList<ReceivedRequest> Received(ApiKey api)
    {
        Entry entry = EntryOf(api);
        lock (_gate)
        {
            return [.. entry.Requests];
        }
    }

    public long Count(ApiKey api) => EntryOf(api).Arrivals.Count;

    public Task WaitForAsync(ApiKey api, long count, CancellationToken cancellationToken) =>
        EntryOf(api).Arrivals.WaitForAsync(count, cancellationToken);


    private Entry EntryOf(ApiKey api)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(api, out Entry? entry))
            {
                _entries[api] = entry = new Entry();
            }

            return entry;
        }
    }

    private sealed class Entry
    {
        public Queue<ReceivedRequest> Requests { get; } = new();

        public ArrivalCounter Arrivals { get; } = new();

        public long Bytes { get; set; }
    }
}
