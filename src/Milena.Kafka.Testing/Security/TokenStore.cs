using System.Security.Cryptography;
using System.Text;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Testing.Security;

/// <summary>The delegation tokens of the cluster (KIP-48), by the cluster's clock. Thread-safe.</summary>
internal sealed class TokenStore(TestSaslOptions? options, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly byte[] _secret = RandomNumberGenerator.GetBytes(32);
    private readonly SortedDictionary<string, IssuedToken> _tokens = new(StringComparer.Ordinal);

    /// <summary>Whether brokers make tokens at all.</summary>
    public bool IsEnabled => options is { DelegationTokens: true };

    /// <summary>The tokens that have not ended.</summary>
    public IReadOnlyList<IssuedToken> All
    {
        get
        {
            lock (_gate)
            {
                RemoveEnded();
                return [.. _tokens.Values];
            }
        }
    }

    public IssuedToken Issue(Principal owner, Principal requester, IReadOnlyList<Principal> renewers, TimeSpan maxLifetime)
    {
        DateTimeOffset now = Now;
        TimeSpan life = maxLifetime > TimeSpan.Zero && maxLifetime < options!.DelegationTokenMaxLifetime ? maxLifetime : options!.DelegationTokenMaxLifetime;
        DateTimeOffset last = now + life;
        DateTimeOffset end = Earlier(last, now + options.DelegationTokenExpiry);
        string id = Guid.NewGuid().ToString("N");
        var token = new IssuedToken(id, HMACSHA512.HashData(_secret, Encoding.UTF8.GetBytes(id)), owner, requester, renewers, now, end, last);
        lock (_gate)
        {
            RemoveEnded();
            _tokens[id] = token;
        }

        return token;
    }

    /// <summary>A token that may be used to log in; null if there is none, or it has ended.</summary>
    public IssuedToken? Find(string id)
    {
        lock (_gate)
        {
            return _tokens.TryGetValue(id, out IssuedToken? token) && !token.IsOver(Now) ? token : null;
        }
    }

    public (ErrorCode Error, DateTimeOffset ExpiresAt) Renew(ReadOnlySpan<byte> hmac, Principal principal, TimeSpan period)
    {
        lock (_gate)
        {
            if (FindByHmac(hmac) is not { } token)
            {
                return (ErrorCode.DelegationTokenNotFound, default);
            }

            DateTimeOffset now = Now;
            if (token.IsOver(now))
            {
                return (ErrorCode.DelegationTokenExpired, default);
            }

            TimeSpan life = period > TimeSpan.Zero && period < options!.DelegationTokenExpiry ? period : options!.DelegationTokenExpiry;
            return token.MayBeRenewedBy(principal) ? (ErrorCode.None, End(token, now + life)) : (ErrorCode.DelegationTokenOwnerMismatch, default);
        }
    }

    /// <summary>Ends a token, at once if the time is negative.</summary>
    public (ErrorCode Error, DateTimeOffset ExpiresAt) Expire(ReadOnlySpan<byte> hmac, Principal principal, TimeSpan after)
    {
        lock (_gate)
        {
            if (FindByHmac(hmac) is not { } token)
            {
                return (ErrorCode.DelegationTokenNotFound, default);
            }

            if (!token.MayBeRenewedBy(principal))
            {
                return (ErrorCode.DelegationTokenOwnerMismatch, default);
            }

            DateTimeOffset now = Now;
            if (after < TimeSpan.Zero)
            {
                _tokens.Remove(token.Id);
                return (ErrorCode.None, now);
            }

            return token.IsOver(now) ? (ErrorCode.DelegationTokenExpired, default) : (ErrorCode.None, End(token, now + after));
        }
    }

    // What clients are told has milliseconds.
    private DateTimeOffset Now => DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;

    private DateTimeOffset End(IssuedToken token, DateTimeOffset wanted)
    {
        IssuedToken changed = token with { ExpiresAt = Earlier(token.MaxExpiresAt, wanted) };
        _tokens[token.Id] = changed;
        return changed.ExpiresAt;
    }

    private IssuedToken? FindByHmac(ReadOnlySpan<byte> hmac)
    {
        foreach (IssuedToken token in _tokens.Values)
        {
            if (CryptographicOperations.FixedTimeEquals(token.Hmac, hmac))
            {
                return token;
            }
        }

        return null;
    }

    /// <summary>Kafka looks once an hour; here a token that has ended is told as expired until somebody lists tokens or makes one.</summary>
    private void RemoveEnded()
    {
        DateTimeOffset now = Now;
        foreach (IssuedToken token in _tokens.Values.Where(token => token.IsOver(now)).ToArray())
        {
            _tokens.Remove(token.Id);
        }
    }
}
