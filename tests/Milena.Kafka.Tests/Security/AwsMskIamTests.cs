using Milena.Kafka.Protocol;
using Milena.Kafka.Testing;
using Milena.Kafka.Tests.Support;

namespace Milena.Kafka.Tests.Security;

/// <summary>AWS_MSK_IAM with the embedded cluster, which checks signatures with code of its own; the common part of all mechanisms is in <see cref="SaslTests"/>.</summary>
[CancelAfter(60_000)]
public class AwsMskIamTests
{
    [Test]
    public async Task A_session_token_is_signed_and_the_client_is_known_by_its_access_key(CancellationToken cancellationToken)
    {
        TestSecurityOptions security = Security();
        security.Authorization = new TestAuthorizationOptions { SuperUsers = { $"User:{SecureCluster.User}" } };
        await using TestCluster cluster = await SecureCluster.StartAsync(security, cancellationToken);

        await SecureCluster.ProduceOneAsync(cluster, SecureCluster.Sasl(Mechanism(session: "FwoGZXIvYXdzE/+= ä")), cancellationToken);
    }

    [Test]
    public async Task The_request_may_be_signed_for_localhost(CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await SecureCluster.StartAsync(Security(), cancellationToken);
        await using KafkaClient kafka = SecureCluster.Client(
            cluster, SecureCluster.Sasl(Mechanism()), options => options.BootstrapServers = cluster.BootstrapServers.Replace("127.0.0.1", "localhost", StringComparison.Ordinal));

        await kafka.CreateAdmin().CreateTopicAsync(new Milena.Kafka.NewTopic(SecureCluster.Topic), cancellationToken);

        Assert.That(cluster.Topics, Does.Contain(SecureCluster.Topic));
    }

    [Test]
    public async Task An_access_key_that_is_not_known_is_refused(CancellationToken cancellationToken) =>
        await AssertRefusedAsync(Mechanism(keyId: "AKIDNOBODY"), TimeProvider.System, "the access key is not known", cancellationToken);

    [TestCase(-901)]
    [TestCase(901)]
    public async Task A_client_whose_clock_is_wrong_is_refused(int seconds, CancellationToken cancellationToken)
    {
        var (broker, client) = (new ManualTimeProvider(), new ManualTimeProvider());
        (seconds < 0 ? broker : client).Advance(TimeSpan.FromSeconds(Math.Abs(seconds)));

        await AssertRefusedAsync(Mechanism(time: client), broker, "the date is more than 15 minutes from the broker's", cancellationToken);
    }

    [Test]
    public async Task A_request_that_is_signed_for_another_host_is_refused(CancellationToken cancellationToken) =>
        await AssertRefusedAsync(new Elsewhere(Mechanism()), TimeProvider.System, "the request is for another host", cancellationToken);

    [Test]
    public async Task A_message_that_is_none_is_refused(CancellationToken cancellationToken) =>
        await AssertRefusedAsync(new Renamed(new SaslPlain(SecureCluster.User, SecureCluster.Password)), TimeProvider.System, "expected a JSON object", cancellationToken);

    [Test]
    public async Task A_secret_that_was_changed_is_asked_for_at_the_next_attempt(CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await SecureCluster.StartAsync(Security(), cancellationToken);
        cluster.SetPassword(SecureCluster.User, "another");

        await SecureCluster.FailureAsync<AuthenticationException>(cluster, SecureCluster.Sasl(Mechanism()), cancellationToken);
        await SecureCluster.ProduceOneAsync(cluster, SecureCluster.Sasl(SaslTests.Mechanism("AWS_MSK_IAM", "another")), cancellationToken);
    }

    private static async Task AssertRefusedAsync(ISaslMechanism mechanism, TimeProvider time, string reason, CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await SecureCluster.StartAsync(Security(), cancellationToken, time: time);

        AuthenticationException failure = await SecureCluster.FailureAsync<AuthenticationException>(cluster, SecureCluster.Sasl(mechanism), cancellationToken);

        Assert.That(failure.Code, Is.EqualTo(ErrorCode.SaslAuthenticationFailed));
        Assert.That(failure.Message, Does.Contain(reason).And.Not.Contain(SecureCluster.Password));
    }

    private static TestSecurityOptions Security() => new() { Sasl = SecureCluster.Sasl("AWS_MSK_IAM") };

    private static SaslAwsMskIam Mechanism(string keyId = SecureCluster.User, string? session = null, TimeProvider? time = null) =>
        new("eu-west-1", _ => new(new AwsCredentials(keyId, SecureCluster.Password, session)), time);

    private sealed class Elsewhere(ISaslMechanism inner) : ISaslMechanism
    {
        public string Name => inner.Name;

        public ValueTask<ISaslExchange> StartAsync(SaslTarget target, CancellationToken cancellationToken) => inner.StartAsync(new SaslTarget("b-1.example.com", 9098), cancellationToken);
    }

    private sealed class Renamed(ISaslMechanism inner) : ISaslMechanism
    {
        public string Name => "AWS_MSK_IAM";

        public ValueTask<ISaslExchange> StartAsync(SaslTarget target, CancellationToken cancellationToken) => inner.StartAsync(target, cancellationToken);
    }
}
