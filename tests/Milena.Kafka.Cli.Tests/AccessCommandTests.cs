using System.Text.Json;
using Milena.Kafka.Testing;
using Milena.Kafka.Tests.Interop;

namespace Milena.Kafka.Cli.Tests;

/// <summary>Verbs about who may do what, on a cluster that asks who one is.</summary>
[CancelAfter(180_000)]
public class AccessCommandTests
{
    private const string Password = "pa=ss:w\u00f6rd";

    private const string Secret = "TopSecret-9f8e7d";

    private const string Scram = "sasl.mechanism=SCRAM-SHA-256";

    private TestCluster _cluster = null!;
    private string _folder = "";

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _folder = Directory.CreateTempSubdirectory("milena").FullName;
        var sasl = new TestSaslOptions { Users = { ["admin"] = Password, ["guest"] = "guest-secret" } };
        _cluster = await TestCluster.StartAsync(1, new TestClusterOptions
        {
            Security = { Sasl = sasl, Authorization = new TestAuthorizationOptions { SuperUsers = { "User:admin" } } },
        });
        _cluster.CreateTopic("orders", 1);
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        await _cluster.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Test]
    public async Task A_rule_lets_somebody_in_and_out_again(CancellationToken cancellationToken)
    {
        ProcessResult before = await RunAsync("guest", "guest-secret", "", cancellationToken, "offsets", "orders:0");
        JsonElement created = (await RowsAsync("", cancellationToken, "acls", "create", "--topic", "ord", "--prefixed", "--principal", "User:guest", "--operation", "describe")).Single();
        ProcessResult allowed = await RunAsync("guest", "guest-secret", "", cancellationToken, "offsets", "orders:0");
        JsonElement listed = (await RowsAsync("", cancellationToken, "acls", "list", "--principal", "User:guest")).Single();
        JsonElement shown = (await RowsAsync("", cancellationToken, "acls", "delete", "--principal", "User:guest")).Single();
        JsonElement deleted = (await RowsAsync("", cancellationToken, "acls", "delete", "--principal", "User:guest", "--execute")).Single();
        ProcessResult after = await RunAsync("guest", "guest-secret", "", cancellationToken, "offsets", "orders:0");

        Assert.That((before.ExitCode, allowed.ExitCode, after.ExitCode), Is.EqualTo((2, 0, 2)), before.Errors + allowed.Errors);
        Assert.That(before.Errors, Does.StartWith("milena: ").And.Contains("Access to topic 'orders' is denied."));
        Assert.That(listed.ToString(), Is.EqualTo(created.ToString()));
        Assert.That(created.GetProperty("pattern").GetString(), Is.EqualTo("Prefixed"));
        Assert.That((shown.GetProperty("result").GetString(), deleted.GetProperty("result").GetString()), Is.EqualTo(("would be deleted", "deleted")));
    }

    [Test]
    public async Task A_user_is_made_logs_in_and_is_gone(CancellationToken cancellationToken)
    {
        const string secret = "a new secret";
        (await RunAsync("admin", Password, secret + "\n", cancellationToken, "users", "set", "clerk", "--mechanism", "SCRAM-SHA-256", "--iterations", "5000")).EnsureSuccess();

        JsonElement listed = (await RowsAsync("", cancellationToken, "users", "list", "clerk")).Single();
        ProcessResult topics = await RunAsync("clerk", secret, "", cancellationToken, "topics", "list", "-X", Scram);
        (await RunAsync("admin", Password, "", cancellationToken, "users", "delete", "clerk", "--mechanism", "SCRAM-SHA-256")).EnsureSuccess();
        ProcessResult gone = await RunAsync("clerk", secret, "", cancellationToken, "topics", "list", "-X", Scram);

        Assert.That((listed.GetProperty("mechanism").GetString(), listed.GetProperty("iterations").GetInt32()), Is.EqualTo(("SCRAM-SHA-256", 5000)));
        Assert.That(topics.ExitCode, Is.Zero, topics.Errors);
        Assert.That(gone.ExitCode, Is.EqualTo(2));
        Assert.That(gone.Errors, Does.StartWith("milena: ").And.Not.Contains(secret));
    }

    [Test]
    public async Task Quotas_are_set_listed_and_taken_away(CancellationToken cancellationToken)
    {
        (await RunAsync("admin", Password, "", cancellationToken, "quotas", "set", "--user", "guest", "--client-id", "<default>", "--set", "producer_byte_rate=1024", "--set", "request_percentage=50")).EnsureSuccess();
        JsonElement[] set = await RowsAsync("", cancellationToken, "quotas", "list", "--user", "guest");
        (await RunAsync("admin", Password, "", cancellationToken, "quotas", "set", "--user", "guest", "--client-id", "<default>", "--delete", "producer_byte_rate")).EnsureSuccess();
        JsonElement[] left = await RowsAsync("", cancellationToken, "quotas", "list", "--user", "guest");

        Assert.That(set.Select(q => $"{q.GetProperty("user")}/{q.GetProperty("clientId")}/{q.GetProperty("quota")}={q.GetProperty("value")}"), Is.EqualTo(new[]
        {
            "guest/<default>/producer_byte_rate=1024", "guest/<default>/request_percentage=50",
        }));
        Assert.That(left.Select(q => q.GetProperty("quota").GetString()), Is.EqualTo(new[] { "request_percentage" }));
        Assert.That((await RunAsync("admin", Password, "", cancellationToken, "quotas", "set", "--user", "guest", "--set", "no_such_rate=1")).ExitCode, Is.EqualTo(2));
    }

    [Test]
    public async Task A_token_is_made_renewed_used_and_ended(CancellationToken cancellationToken)
    {
        JsonElement token = (await RowsAsync("", cancellationToken, "tokens", "create", "--max-lifetime", "PT6H")).Single();
        string id = token.GetProperty("token").GetString()!;
        string hmac = token.GetProperty("hmac").GetString()!;

        ProcessResult listed = await RunAsync("admin", Password, "", cancellationToken, "tokens", "list", "--json");
        ProcessResult renewed = await RunAsync("admin", Password, hmac + "\n", cancellationToken, "tokens", "renew", "--for", "PT1H");
        ProcessResult expired = await RunAsync("admin", Password, hmac + "\n", cancellationToken, "tokens", "expire");
        ProcessResult unknown = await RunAsync("admin", Password, "bm9uc2Vuc2U=\n", cancellationToken, "tokens", "renew");

        Assert.That(listed.Text, Does.Contain(id).And.Not.Contains(hmac));
        Assert.That((renewed.ExitCode, expired.ExitCode), Is.EqualTo((0, 0)), renewed.Errors + expired.Errors);
        Assert.That((unknown.ExitCode, unknown.Errors.Contains("(DELEGATION_TOKEN_NOT_FOUND)", StringComparison.Ordinal)), Is.EqualTo((2, true)), unknown.Errors);
        Assert.That((await RunAsync("admin", Password, "not base64!\n", cancellationToken, "tokens", "renew")).ExitCode, Is.EqualTo(1));
    }

    [Test]
    public async Task A_wrong_password_is_told_in_one_line_without_any_secret(CancellationToken cancellationToken)
    {
        ProcessResult end = await RunAsync("admin", "a wrong secret", "", cancellationToken, "topics", "list");

        Assert.That(end.ExitCode, Is.EqualTo(2));
        Assert.That(end.Errors.TrimEnd('\n').Split('\n'), Has.Length.EqualTo(1).And.All.StartsWith("milena: "));
        Assert.That(end.Errors + end.Text, Does.Not.Contain("a wrong secret").And.Not.Contains(Password));
    }

    // In the order of what goes wrong: the line, the settings, the broker's answer, nobody there.
    [TestCase(1, "topics", "list", "-X", Secret)]
    [TestCase(1, "topics", "list", "-X", "sasl.pasword=" + Secret, "-X", "sasl.mechanism=PLAIN")]
    [TestCase(1, "topics", "list", "-X", "sasl.mechanism=PLAIN", "-X", "sasl.password=" + Secret, "-X", "sasl.jaas.config=" + Secret)]
    [TestCase(1, "topics", "list", "-X", "sasl.mechanism=PLAIN", "-X", "sasl.jaas.config=PlainLoginModule required username=admin password=" + Secret + " = ;")]
    [TestCase(1, "consume", "orders", "-X", "sasl.mechanism=SCRAM-SHA-256", "-X", "sasl.jaas.config=PlainLoginModule required username=admin password=" + Secret + ";")]
    [TestCase(1, "consume", "orders", "-X", "sasl.mechanism=GSSAPI", "-X", "sasl.jaas.config=PlainLoginModule required username=admin password=" + Secret + ";")]
    [TestCase(2, "topics", "list", "--json", "-X", "sasl.mechanism=PLAIN", "-X", "sasl.jaas.config=PlainLoginModule required username=admin password=" + Secret + ";")]
    [TestCase(2, "consume", "orders", "--json", "--until-end", "-X", "sasl.mechanism=SCRAM-SHA-256", "-X", "sasl.jaas.config=ScramLoginModule required username=admin password=" + Secret + ";")]
    [TestCase(2, "verify", "produce", "orders", "--count", "1", "--json", "-X", "sasl.mechanism=PLAIN", "-X", "sasl.jaas.config=PlainLoginModule required username=admin password=" + Secret + ";")]
    [TestCase(2, "perf", "produce", "orders", "--count", "1", "-X", "sasl.mechanism=PLAIN", "-X", "sasl.jaas.config=PlainLoginModule required username=admin password=" + Secret + ";", "-b", "127.0.0.1:1", "-X", "max.block.ms=500")]
    [TestCase(2, "topics", "list", "-X", "security.protocol=PLAINTEXT", "-X", "sasl.mechanism=PLAIN", "-X", "sasl.password=" + Secret)]
    public async Task No_secret_of_a_command_line_is_printed(int exitCode, params string[] arguments)
    {
        string[] bootstrap = arguments.Contains("-b") ? [] : ["-b", _cluster.BootstrapServers];
        string[] protocol = arguments.Contains("security.protocol=PLAINTEXT") ? [] : ["-X", "security.protocol=SASL_PLAINTEXT"];

        ProcessResult end = await Milena.RunAsync("", CancellationToken.None, [.. arguments, .. protocol, .. bootstrap, "-X", "default.api.timeout.ms=2000"]);

        Assert.That(end.ExitCode, Is.EqualTo(exitCode), end.Errors);
        Assert.That(end.Errors, Does.StartWith("milena: "));
        Assert.That(end.Errors + end.Text, Does.Not.Contain(Secret).And.Not.Contains(Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(Secret))));
    }

    [Test]
    public async Task Settings_of_security_that_mean_nothing_are_named(CancellationToken cancellationToken)
    {
        ProcessResult end = await Milena.RunAsync("", cancellationToken, "topics", "list", "-b", "127.0.0.1:1", "-X", "sasl.mechanism=PLAIN");

        Assert.That(end.Errors, Does.StartWith("milena: not used with security.protocol PLAINTEXT: sasl.mechanism\n"));
    }

    private async Task<JsonElement[]> RowsAsync(string input, CancellationToken cancellationToken, params string[] arguments) =>
        [.. (await RunAsync("admin", Password, input, cancellationToken, [.. arguments, "--json"])).EnsureSuccess().Lines.Select(row => JsonDocument.Parse(row).RootElement)];

    /// <summary>Runs a verb with a file of Java's properties, as one is used with Kafka's own tools.</summary>
    private async Task<ProcessResult> RunAsync(string user, string password, string input, CancellationToken cancellationToken, params string[] arguments)
    {
        string file = Path.Combine(_folder, $"{Guid.NewGuid():N}.properties");
        string module = arguments.Contains(Scram) ? "scram.ScramLoginModule" : "plain.PlainLoginModule";
        await File.WriteAllTextAsync(file, $"""
            # a client
            bootstrap.servers={_cluster.BootstrapServers}
            security.protocol=SASL_PLAINTEXT
            sasl.mechanism=PLAIN
            sasl.jaas.config=org.apache.kafka.common.security.{module} required \
                username="{user}" password="{password}";
            """, cancellationToken);
        return await Milena.RunAsync(input, cancellationToken, [.. arguments, "--config", file]);
    }
}
