using Milena.Kafka.Protocol;

namespace Milena.Kafka.Testing.Faults;

/// <summary>Which APIs the brokers serve and in which versions; narrowed to emulate older releases. Thread-safe.</summary>
internal sealed class ServedApis
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<ApiKey, (Api Api, short Lowest, short Highest)> _served = [];

    public IReadOnlyList<(Api Api, short Lowest, short Highest)> All
    {
        get
        {
            lock (_gate)
            {
                return [.. _served.Values];
            }
        }
    }

    /// <summary>Serves APIs in all released versions: brokers hide the others.</summary>
    public void Add(IEnumerable<Api> apis)
    {
        lock (_gate)
        {
            foreach (Api api in apis)
            {
                _served[api.Key] = (api, api.LowestVersion, api.HighestStableVersion);
            }
        }
    }

    public bool TryGet(ApiKey key, out Api api, out short lowest, out short highest)
    {
        lock (_gate)
        {
            bool isServed = _served.TryGetValue(key, out (Api Api, short Lowest, short Highest) served);
            (api, lowest, highest) = served;
            return isServed;
        }
    }

    public void Limit(ApiKey key, short? lowest, short? highest)
    {
        lock (_gate)
        {
            if (!_served.TryGetValue(key, out (Api Api, short Lowest, short Highest) served))
            {
                throw new ArgumentException($"The cluster does not serve {key}.", nameof(key));
            }

            short newLowest = lowest ?? served.Lowest;
            short newHighest = highest ?? served.Highest;
            if (newLowest < served.Api.LowestVersion || newHighest > served.Api.HighestVersion || newLowest > newHighest)
            {
                throw new ArgumentException(
                    $"{key} can be served in versions {served.Api.LowestVersion} to {served.Api.HighestVersion}, not {newLowest} to {newHighest}.");
            }

            _served[key] = (served.Api, newLowest, newHighest);
        }
    }

    public void Hide(ApiKey key)
    {
        lock (_gate)
        {
            _served.Remove(key);
        }
    }
}
