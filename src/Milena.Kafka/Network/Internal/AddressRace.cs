using System.Net;
using System.Net.Sockets;

namespace Milena.Kafka.Network.Internal;

/// <summary>One attempt to reach one of several addresses: they start one after the other, the first that answers wins and ends the others (RFC 8305).</summary>
internal sealed class AddressRace
{
    private readonly List<IPAddress> _addresses;
    private readonly TimeSpan _delay;
    private readonly TimeProvider _timeProvider;
    private readonly Func<IPAddress, CancellationToken, Task<Stream>> _connect;

    /// <summary>Sets the runners in their order.</summary>
    public AddressRace(IEnumerable<IPAddress> addresses, TimeSpan delay, TimeProvider timeProvider, Func<IPAddress, CancellationToken, Task<Stream>> connect)
    {
        _addresses = Interleave(addresses);
        _delay = delay;
        _timeProvider = timeProvider;
        _connect = connect;
    }

    /// <summary>Runs the race.</summary>
    /// <param name="name">The endpoint, for messages.</param>
    /// <param name="cancellationToken">Ends all attempts.</param>
    /// <exception cref="ConnectionException">All addresses failed; the message lists each.</exception>
    public async Task<Stream> RunAsync(string name, CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = new Dictionary<Task<Stream>, IPAddress>();
        var failures = new List<(IPAddress Address, Exception Cause)>();
        int next = 0;
        try
        {
            while (next < _addresses.Count || running.Count > 0)
            {
                if (next < _addresses.Count)
                {
                    IPAddress address = _addresses[next++];
                    running.Add(_connect(address, over.Token), address);
                }

                Task<Stream>? ended = await NextAsync(running.Keys, next < _addresses.Count, over.Token).ConfigureAwait(false);
                cancellationToken.ThrowIfCancellationRequested();
                if (ended is null)
                {
                    continue;
                }

                running.Remove(ended, out IPAddress? tried);
                if (ended.IsCompletedSuccessfully)
                {
                    return await ended.ConfigureAwait(false);
                }

                failures.Add((tried!, ended.Exception?.InnerException ?? new OperationCanceledException()));
            }

            throw AllFailed(name, failures);
        }
        finally
        {
            await over.CancelAsync().ConfigureAwait(false);
            foreach (Task<Stream> loser in running.Keys)
            {
                await EndAsync(loser).ConfigureAwait(false);
            }
        }
    }

    /// <summary>IPv6 and IPv4 in turns, in the resolver's order otherwise.</summary>
    internal static List<IPAddress> Interleave(IEnumerable<IPAddress> addresses)
    {
        IPAddress[] all = [.. addresses.Distinct()];
        AddressFamily first = all[0].AddressFamily;
        var preferred = new Queue<IPAddress>(all.Where(address => address.AddressFamily == first));
        var others = new Queue<IPAddress>(all.Where(address => address.AddressFamily != first));
        var ordered = new List<IPAddress>(all.Length);
        while (preferred.Count + others.Count > 0)
        {
            if (preferred.TryDequeue(out IPAddress? address))
            {
                ordered.Add(address);
            }

            if (others.TryDequeue(out address))
            {
                ordered.Add(address);
            }
        }

        return ordered;
    }

    // The first attempt that ends, or null when it is time to start another.
    private async Task<Task<Stream>?> NextAsync(IEnumerable<Task<Stream>> running, bool mayStartAnother, CancellationToken cancellationToken)
    {
        if (!mayStartAnother)
        {
            return await Task.WhenAny(running).ConfigureAwait(false);
        }

        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task delay = Task.Delay(_delay, _timeProvider, waiting.Token);
        Task ended = await Task.WhenAny([.. running, delay]).ConfigureAwait(false);
        await waiting.CancelAsync().ConfigureAwait(false);
        return ended as Task<Stream>;
    }

    private static async Task EndAsync(Task<Stream> loser)
    {
        await ((Task)loser).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (loser.IsCompletedSuccessfully)
        {
            await (await loser.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
        }
    }

    private static ConnectionException AllFailed(string name, List<(IPAddress Address, Exception Cause)> failures)
    {
        string causes = string.Join("; ", failures.Select(failure => $"{failure.Address}: {failure.Cause.Message}"));
        return new ConnectionException(name, $"{name} could not be reached ({causes}). Check the address, and whether the broker runs and its listener is open to this host.", failures[^1].Cause);
    }
}
