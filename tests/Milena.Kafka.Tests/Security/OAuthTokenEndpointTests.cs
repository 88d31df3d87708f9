using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Milena.Kafka.Tests.Support;

namespace Milena.Kafka.Tests.Security;

/// <summary>Tokens from an OAuth 2 server: how they are asked for, kept and renewed, and what is told when they are refused.</summary>
[CancelAfter(30_000)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public class OAuthTokenEndpointTests
{
    private const string Secret = "client-SECRET-4711/+";

    private readonly ManualTimeProvider _time = new();

    [Test]
    public async Task The_secret_goes_into_the_header_and_the_scope_into_the_form(CancellationToken cancellationToken)
    {
        await using var server = new TokenServer();
        var endpoint = new OAuthTokenEndpoint(Options(server, scope: "kafka all"));

        OAuthToken token = await endpoint.GetTokenAsync(cancellationToken);

        (string? authorization, string form) = server.Requests.Single();
        Assert.That(Encoding.UTF8.GetString(Convert.FromBase64String(authorization!["Basic ".Length..])), Is.EqualTo($"me:{Secret}"));
        Assert.That(form, Is.EqualTo("grant_type=client_credentials&scope=kafka+all"));
        Assert.That(token.ExpiresAt, Is.EqualTo(_time.GetUtcNow().AddSeconds(100)));
    }

    [Test]
    public async Task A_token_is_kept_and_renewed_ahead_of_its_end(CancellationToken cancellationToken)
    {
        await using var server = new TokenServer();
        var endpoint = new OAuthTokenEndpoint(Options(server));

        OAuthToken first = await endpoint.GetTokenAsync(cancellationToken);
        _time.Advance(TimeSpan.FromSeconds(79));
        Assert.That(await endpoint.GetTokenAsync(cancellationToken), Is.SameAs(first));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.That(await endpoint.GetTokenAsync(cancellationToken), Is.Not.SameAs(first));

        Assert.That(server.Requests, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task While_the_server_fails_the_old_token_serves_to_its_end(CancellationToken cancellationToken)
    {
        await using var server = new TokenServer { Answer = static n => n == 1 ? (200, "{\"access_token\":\"t\",\"expires_in\":\"100\"}") : (503, "down") };
        var endpoint = new OAuthTokenEndpoint(Options(server));

        OAuthToken first = await endpoint.GetTokenAsync(cancellationToken);
        _time.Advance(TimeSpan.FromSeconds(90));
        Assert.That(await endpoint.GetTokenAsync(cancellationToken), Is.SameAs(first));
        _time.Advance(TimeSpan.FromSeconds(10));

        Assert.That(async () => await endpoint.GetTokenAsync(cancellationToken), Throws.TypeOf<HttpRequestException>().With.Message.Contains("503"));
    }

    [Test]
    public async Task A_refusal_is_told_with_its_body_but_without_the_secret(CancellationToken cancellationToken)
    {
        await using var server = new TokenServer { Answer = static _ => (401, $"{{\"error\":\"invalid_client\",\"you_sent\":\"{Secret}\"}}") };
        var endpoint = new OAuthTokenEndpoint(Options(server));

        InvalidDataException refusal = (await Assert.ThrowsAsync<InvalidDataException>(() => endpoint.GetTokenAsync(cancellationToken).AsTask()))!;

        Assert.That(refusal.Message, Does.Contain("401").And.Contain("invalid_client").And.Contain("[hidden]").And.Not.Contain(Secret));
    }

    [TestCase("<html>token</html>", "JSON")]
    [TestCase("{\"token\":\"x\"}", "access_token")]
    [TestCase("[]", "access_token")]
    public async Task An_answer_without_a_token_is_told(string body, string reason, CancellationToken cancellationToken)
    {
        await using var server = new TokenServer { Answer = _ => (200, body) };

        Assert.That(async () => await new OAuthTokenEndpoint(Options(server)).GetTokenAsync(cancellationToken), Throws.TypeOf<InvalidDataException>().With.Message.Contains(reason));
    }

    [Test]
    public async Task An_assertion_is_signed_with_the_key_of_the_moment(CancellationToken cancellationToken)
    {
        await using var server = new TokenServer { Answer = static n => (200, $"{{\"access_token\":\"t{n}\"}}") };
        using RSA key = RSA.Create(2048);
        OAuthTokenOptions options = new() { TokenEndpoint = server.Address, TimeProvider = _time };
        options.SignAssertionsWith(key, "issuer", "subject", "audience", "key-1");

        await new OAuthTokenEndpoint(options).GetTokenAsync(cancellationToken);

        string[] form = WebUtility.UrlDecode(server.Requests.Single().Form).Split('&');
        string[] parts = form[1]["assertion=".Length..].Split('.');
        using JsonDocument claims = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[1]));
        Assert.That(form[0], Is.EqualTo("grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer"));
        Assert.That(claims.RootElement.GetProperty("aud").GetString(), Is.EqualTo("audience"));
        Assert.That(claims.RootElement.GetProperty("exp").GetInt64(), Is.EqualTo(_time.GetUtcNow().AddMinutes(5).ToUnixTimeSeconds()));
        Assert.That(key.VerifyData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        Assert.That(server.Requests.Single().Authorization, Is.Null);
    }

    [Test]
    public async Task A_server_that_is_too_slow_is_given_up_and_asked_anew(CancellationToken cancellationToken)
    {
        await using var server = new TokenServer();
        var gate = new TaskCompletionSource();
        server.Gate = gate.Task;
        var endpoint = new OAuthTokenEndpoint(Options(server));

        Task<OAuthToken> slow = endpoint.GetTokenAsync(cancellationToken).AsTask();
        await server.Waiting.Task.WaitAsync(cancellationToken);
        _time.Advance(TimeSpan.FromSeconds(10));
        HttpRequestException failure = (await Assert.ThrowsAsync<HttpRequestException>(() => slow))!;
        gate.SetResult();

        Assert.That(failure.Message, Does.Contain("did not answer within 10 s"));
        Assert.That((await endpoint.GetTokenAsync(cancellationToken)).ExpiresAt, Is.EqualTo(_time.GetUtcNow().AddSeconds(100)));
    }

    [Test]
    public void Options_that_cannot_work_are_refused_with_all_faults() =>
        Assert.That(
            () => new OAuthTokenEndpoint(new OAuthTokenOptions { RefreshAfter = 0 }),
            Throws.ArgumentException.With.Message.Contains("TokenEndpoint").And.Message.Contains("ClientId").And.Message.Contains("RefreshAfter"));

    private OAuthTokenOptions Options(TokenServer server, string? scope = null) =>
        new() { TokenEndpoint = server.Address, ClientId = "me", ClientSecret = Secret, Scope = scope, TimeProvider = _time };
}
