using System.Globalization;

namespace Milena.Kafka.Security.Internal;

/// <summary>Turns Kafka's properties of OAUTHBEARER into a mechanism: with a client's secret (KIP-768), an assertion (KIP-1139) or a token from a file.</summary>
internal sealed class OAuthProperties(Func<string, string?> take, List<string> faults)
{
    private const string Prefix = "sasl.oauthbearer.";
    private const string Assertion = Prefix + "assertion.";
    private const string Retriever = Prefix + "jwt.retriever.class";
    private const string Endpoint = Prefix + "token.endpoint.url";

    public SaslOAuthBearer? Read(JaasEntry? jaas)
    {
        if (jaas is not null && jaas.Module != "OAuthBearerLoginModule")
        {
            faults.Add("sasl.jaas.config is for another mechanism: OAuthBearerLoginModule was expected.");
            return null;
        }

        if (jaas?.Options.Keys.Any(name => name.StartsWith("ssl.", StringComparison.Ordinal)) == true)
        {
            faults.Add("sasl.jaas.config has options of TLS for the token endpoint, which are not read; the system's authorities are trusted there, or those of OAuthTokenOptions.HttpClient.");
        }

        RefuseClass("sasl.login.callback.handler.class", "OAuthBearerLoginCallbackHandler");
        RefuseClass(Prefix + "jwt.validator.class", "DefaultJwtValidator", "ClientJwtValidator");
        string retriever = RefuseClass(Retriever, "DefaultJwtRetriever", "ClientCredentialsJwtRetriever", "JwtBearerJwtRetriever", "FileJwtRetriever");
        OAuthTokenOptions options = ReadOptions(jaas);
        OAuthAssertionOptions assertion = ReadAssertion();
        string? assertionFile = take(Assertion + "file");
        if (options.TokenEndpoint is { IsFile: true } file)
        {
            return new SaslOAuthBearer(async cancellationToken => new OAuthToken((await File.ReadAllTextAsync(file.LocalPath, cancellationToken).ConfigureAwait(false)).Trim()));
        }

        if (retriever == "JwtBearerJwtRetriever")
        {
            UseAssertion(options, assertionFile, assertion);
        }
        else if (assertionFile is not null || assertion.PrivateKeyFile is not null)
        {
            faults.Add($"{Assertion}* goes with {Retriever}=org.apache.kafka.common.security.oauthbearer.JwtBearerJwtRetriever.");
        }

        string[] wrong = [.. options.Faults()];
        if (wrong.Length > 0)
        {
            faults.Add($"OAUTHBEARER needs {Endpoint}, and the client's id and secret or an assertion: {string.Join(" ", wrong)}");
        }

        return faults.Count == 0 ? new SaslOAuthBearer(new OAuthTokenEndpoint(options)) : null;
    }

    private OAuthTokenOptions ReadOptions(JaasEntry? jaas)
    {
        var options = new OAuthTokenOptions
        {
            TokenEndpoint = Uri.TryCreate(take(Endpoint), UriKind.Absolute, out Uri? address) ? address : null,
            ClientId = take(Prefix + "client.credentials.client.id") ?? jaas?.Option("clientId"),
            ClientSecret = take(Prefix + "client.credentials.client.secret") ?? jaas?.Option("clientSecret"),
            Scope = take(Prefix + "scope") ?? jaas?.Option("scope"),
            UrlEncodeHeader = IsTrue(Prefix + "header.urlencode"),
        };
        if (Number("sasl.login.read.timeout.ms", 1, int.MaxValue) is { } timeout)
        {
            options.RequestTimeout = TimeSpan.FromMilliseconds(timeout);
        }

        if (Number("sasl.login.refresh.window.factor", 0.5, 1) is { } factor)
        {
            options.RefreshAfter = factor;
        }

        foreach ((string name, string value) in jaas?.Options ?? new Dictionary<string, string>())
        {
            if (name.StartsWith("extension_", StringComparison.Ordinal))
            {
                options.Extensions[name["extension_".Length..]] = value;
            }
        }

        return options;
    }

    private OAuthAssertionOptions ReadAssertion()
    {
        var options = new OAuthAssertionOptions
        {
            PrivateKeyFile = take(Assertion + "private.key.file"),
            PrivateKeyPassphrase = take(Assertion + "private.key.passphrase"),
            Issuer = take(Assertion + "claim.iss"),
            Subject = take(Assertion + "claim.sub"),
            Audience = take(Assertion + "claim.aud"),
            HasId = IsTrue(Assertion + "claim.jti.include"),
            TemplateFile = take(Assertion + "template.file"),
        };
        options.Algorithm = take(Assertion + "algorithm") ?? options.Algorithm;
        if (Number(Assertion + "claim.exp.seconds", 1, 86_400) is { } lifetime)
        {
            options.Lifetime = TimeSpan.FromSeconds(lifetime);
        }

        if (Number(Assertion + "claim.nbf.seconds", 0, 3_600) is { } tolerance)
        {
            options.ClockTolerance = TimeSpan.FromSeconds(tolerance);
        }

        return options;
    }

    private void UseAssertion(OAuthTokenOptions options, string? file, OAuthAssertionOptions assertion)
    {
        if (file is not null)
        {
            options.Assertion = async cancellationToken => await File.ReadAllTextAsync(file, cancellationToken).ConfigureAwait(false);
            return;
        }

        string[] wrong = [.. assertion.Faults()];
        if (wrong.Length > 0)
        {
            faults.Add($"JwtBearerJwtRetriever needs {Assertion}file or {Assertion}private.key.file: {string.Join(" ", wrong)}");
            return;
        }

        options.SignAssertionsWith(assertion);
    }

    private bool IsTrue(string property) => string.Equals(take(property)?.Trim(), "true", StringComparison.OrdinalIgnoreCase);

    private double? Number(string property, double least, double most)
    {
        if (take(property) is not { } text)
        {
            return null;
        }

        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && number >= least && number <= most)
        {
            return number;
        }

        faults.Add(string.Create(CultureInfo.InvariantCulture, $"{property} must be a number from {least} to {most}."));
        return null;
    }

    /// <returns>The class name without its package; empty if the property is not there.</returns>
    private string RefuseClass(string property, params string[] known)
    {
        string name = take(property)?.Trim() ?? "";
        string simple = name[(name.LastIndexOf('.') + 1)..];
        if (simple.Length > 0 && !known.Contains(simple))
        {
            faults.Add($"{property} names a class of Java, which cannot be loaded here; give SecurityOptions.Sasl a mechanism instead.");
        }

        return simple;
    }
}
