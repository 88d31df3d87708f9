namespace Milena.Kafka.Testing;

/// <summary>SASL on the listeners of a <see cref="TestCluster"/>.</summary>
public sealed class TestSaslOptions
{
    /// <summary>The mechanisms that are offered: <c>PLAIN</c>, <c>SCRAM-SHA-256</c>, <c>SCRAM-SHA-512</c>, <c>OAUTHBEARER</c>, <c>GSSAPI</c>, <c>AWS_MSK_IAM</c>.</summary>
    /// <value>The first three.</value>
    /// <remarks>Kafka calls this <c>sasl.enabled.mechanisms</c>. GSSAPI needs the keytab of the service in <c>KRB5_KTNAME</c>.
    /// By AWS_MSK_IAM, requests have to be signed for <see cref="TestClusterOptions.Host"/> or <c>localhost</c>, of any region, by a clock within 15 minutes of the cluster's.</remarks>
    public ICollection<string> Mechanisms { get; } = new List<string> { "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512" };

    /// <summary>Users and their passwords, for PLAIN and SCRAM; more can come by <c>AlterUserScramCredentials</c>. For AWS_MSK_IAM: ids of access keys and their secrets.</summary>
    /// <remarks>A session token of AWS_MSK_IAM may be any, as long as it is signed. The client is then known as <c>User:</c> and the id of its access key.</remarks>
    public IDictionary<string, string> Users { get; } = new Dictionary<string, string>();

    /// <summary>Decides on the tokens of OAUTHBEARER.</summary>
    /// <value><see langword="null"/>: all are refused.</value>
    public Func<string, CancellationToken, ValueTask<TestTokenVerdict>>? TokenValidator { get; set; }

    /// <summary>How long a client may go on until it has to authenticate again, by the cluster's clock.</summary>
    /// <value><see langword="null"/>: as long as it likes, or as its token lasts.</value>
    /// <remarks>Kafka calls this <c>connections.max.reauth.ms</c> (KIP-368).</remarks>
    public TimeSpan? SessionLifetime { get; set; }

    /// <summary>The rounds of hashing of the SCRAM credentials that are made of <see cref="Users"/>.</summary>
    /// <value>4,096.</value>
    public int ScramIterations { get; set; } = 4096;

    /// <summary>Whether brokers make delegation tokens (KIP-48), with which clients log in by SCRAM.</summary>
    /// <value><see langword="true"/>. In Kafka they do if <c>delegation.token.secret.key</c> is set.</value>
    public bool DelegationTokens { get; set; } = true;

    /// <summary>How long a delegation token lives, by the cluster's clock, until it has to be renewed.</summary>
    /// <value>1 day.</value>
    /// <remarks>Kafka calls this <c>delegation.token.expiry.time.ms</c>.</remarks>
    public TimeSpan DelegationTokenExpiry { get; set; } = TimeSpan.FromDays(1);

    /// <summary>How long a delegation token lives in all.</summary>
    /// <value>7 days.</value>
    /// <remarks>Kafka calls this <c>delegation.token.max.lifetime.ms</c>.</remarks>
    public TimeSpan DelegationTokenMaxLifetime { get; set; } = TimeSpan.FromDays(7);

    internal TestSaslOptions Copy()
    {
        var copy = new TestSaslOptions
        {
            TokenValidator = TokenValidator,
            SessionLifetime = SessionLifetime,
            ScramIterations = ScramIterations,
            DelegationTokens = DelegationTokens,
            DelegationTokenExpiry = DelegationTokenExpiry,
            DelegationTokenMaxLifetime = DelegationTokenMaxLifetime,
        };
        copy.Mechanisms.Clear();
        foreach (string mechanism in Mechanisms)
        {
            copy.Mechanisms.Add(mechanism);
        }

        foreach ((string user, string password) in Users)
        {
            copy.Users.Add(user, password);
        }

        return copy;
    }

    internal IEnumerable<string> Faults()
    {
        if (Mechanisms.Count == 0 || Mechanisms.Any(name => name is not ("PLAIN" or "SCRAM-SHA-256" or "SCRAM-SHA-512" or "OAUTHBEARER" or "GSSAPI" or "AWS_MSK_IAM")))
        {
            yield return "Security.Sasl.Mechanisms must name some of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER, GSSAPI and AWS_MSK_IAM";
        }

        if (SessionLifetime <= TimeSpan.Zero)
        {
            yield return "Security.Sasl.SessionLifetime must be positive";
        }

        if (DelegationTokenExpiry <= TimeSpan.Zero || DelegationTokenMaxLifetime <= TimeSpan.Zero)
        {
            yield return "Security.Sasl.DelegationTokenExpiry and DelegationTokenMaxLifetime must be positive";
        }

        if (ScramIterations < 1)
        {
            yield return "Security.Sasl.ScramIterations must be positive";
        }
    }
}
