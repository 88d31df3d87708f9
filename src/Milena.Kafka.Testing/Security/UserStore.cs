namespace Milena.Kafka.Testing.Security;

/// <summary>Users, their passwords and their SCRAM credentials. Thread-safe.</summary>
internal sealed class UserStore(TestSaslOptions? options)
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, string> _passwords = new(options?.Users ?? new Dictionary<string, string>(), StringComparer.Ordinal);
    private readonly SortedDictionary<string, Dictionary<ScramHash, ScramCredential>> _scram = new(StringComparer.Ordinal);

    public string? PasswordOf(string user)
    {
        lock (_gate)
        {
            return _passwords.GetValueOrDefault(user);
        }
    }

    public void SetPassword(string user, string? password)
    {
        lock (_gate)
        {
            _scram.Remove(user);
            if (password is null)
            {
                _passwords.Remove(user);
            }
            else
            {
                _passwords[user] = password;
            }
        }
    }

    /// <summary>A user's credential; of a user who has a password it is made when it is first asked for.</summary>
    public ScramCredential? ScramOf(ScramHash hash, string user)
    {
        lock (_gate)
        {
            if (_scram.TryGetValue(user, out Dictionary<ScramHash, ScramCredential>? known) && known.TryGetValue(hash, out ScramCredential? credential))
            {
                return credential;
            }

            if (!_passwords.TryGetValue(user, out string? password))
            {
                return null;
            }

            credential = hash.CreateCredential(password, options!.ScramIterations);
            Of(user)[hash] = credential;
            return credential;
        }
    }

    public void SetScram(ScramHash hash, string user, ScramCredential credential)
    {
        lock (_gate)
        {
            Of(user)[hash] = credential;
        }
    }

    public bool RemoveScram(ScramHash hash, string user)
    {
        lock (_gate)
        {
            if (!_scram.TryGetValue(user, out Dictionary<ScramHash, ScramCredential>? known) || !known.Remove(hash))
            {
                return false;
            }

            _passwords.Remove(user);
            if (known.Count == 0)
            {
                _scram.Remove(user);
            }

            return true;
        }
    }

    /// <summary>All users who have SCRAM credentials by now.</summary>
    public IReadOnlyList<(string User, IReadOnlyList<(ScramHash Hash, int Iterations)> Credentials)> Scram()
    {
        lock (_gate)
        {
            return [.. _scram.Select(user => (user.Key, (IReadOnlyList<(ScramHash, int)>)[.. user.Value.Select(one => (one.Key, one.Value.Iterations)).OrderBy(one => one.Key.Number)]))];
        }
    }

    private Dictionary<ScramHash, ScramCredential> Of(string user)
    {
        if (!_scram.TryGetValue(user, out Dictionary<ScramHash, ScramCredential>? known))
        {
            _scram[user] = known = [];
        }

        return known;
    }
}
