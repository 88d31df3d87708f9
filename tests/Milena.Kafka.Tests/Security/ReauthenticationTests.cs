using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Milena.Kafka.Network.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing;
using Milena.Kafka.Tests.Network;
using Milena.Kafka.Tests.Support;
using ReceivedRequest = Milena.Kafka.Tests.Network.ReceivedRequest;

namespace Milena.Kafka.Tests.Security;

/// <summary>Sessions are renewed on the live connection (KIP-368), between requests and never among them.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ReauthenticationTests : ConnectionTest
{
    private const int RenewalFailed = 109;

    private static readonly SaslPlain Plain = new(SecureCluster.User, SecureCluster.Password);

    [Test]
    public async Task A_session_of_an_hour_is_renewed_for_a_day_on_one_connection([Values("SCRAM-SHA-256", "AWS_MSK_IAM")] string name)
    {
        TestSaslOptions sasl = SecureCluster.Sasl(name);
        sasl.SessionLifetime = TimeSpan.FromHours(1);
        await using TestCluster cluster = await SecureCluster.StartAsync(new TestSecurityOptions { Sasl = sasl }, Limit, time: Time);
        var mechanism = new WatchedMechanism(SaslTests.Mechanism(name, SecureCluster.Password, Time));
        await using Connection connection = await Connection.OpenAsync(Address(cluster), LongLived(mechanism), new TcpConnector(), Limit);

        int renewals = 0;
        for (TimeSpan passed = TimeSpan.Zero; passed < TimeSpan.FromHours(24); passed += TimeSpan.FromMinutes(57.5))
        {
            Task renewed = mechanism.NextEnd();
            Time.Advance(TimeSpan.FromMinutes(57.5));
            await renewed.WaitAsync(Limit);
            renewals++;
            Assert.That((await connection.SendAsync(new MetadataRequest { Topics = [] }, Limit)).Brokers, Has.Count.EqualTo(1));
        }

        Assert.That(connection.State, Is.EqualTo(ConnectionState.Ready));
        Assert.That(cluster.Received(ApiKey.SaslHandshake), Has.Count.EqualTo(renewals + 1));
        Assert.That(cluster.Received(ApiKey.ApiVersions), Has.Count.EqualTo(1));
        Assert.That(cluster.Rejections, Is.Empty);
    }

    [Test]
    public async Task What_is_in_flight_is_answered_first_and_what_waits_goes_after()
    {
        (Connection connection, ScriptedBroker broker, WatchedMechanism mechanism) = await OpenAsync(TimeSpan.FromSeconds(1000));
        Task<HeartbeatResponse> first = connection.SendAsync(Heartbeat("first"), Limit);
        ReceivedRequest inFlight = await broker.ReceiveAsync(Limit);

        Time.Advance(TimeSpan.FromSeconds(960));
        await mechanism.Started(2).WaitAsync(Limit);
        await broker.AnswerAsync(inFlight, new HeartbeatResponse(), Limit);
        await first;
        ReceivedRequest handshake = await broker.ReceiveAsync(Limit);
        Task<HeartbeatResponse> second = connection.SendAsync(Heartbeat("second"), Limit);
        await broker.AnswerAsync(handshake, new SaslHandshakeResponse(), Limit);
        ReceivedRequest token = await broker.ReceiveAsync(Limit);
        await broker.AnswerAsync(token, new SaslAuthenticateResponse { SessionLifetimeMs = 1_000_000 }, Limit);
        ReceivedRequest held = await broker.ReceiveAsync(Limit);
        await broker.AnswerAsync(held, new HeartbeatResponse(), Limit);
        await second;

        Assert.That(handshake.Api.Key, Is.EqualTo(ApiKey.SaslHandshake));
        Assert.That(token.Api.Key, Is.EqualTo(ApiKey.SaslAuthenticate));
        Assert.That(held.Read<HeartbeatRequest>().MemberId, Is.EqualTo("second"));
        await connection.DisposeAsync();
    }

    [Test]
    public async Task A_refusal_ends_the_connection_and_those_who_wait_learn_why()
    {
        (Connection connection, ScriptedBroker broker, _) = await OpenAsync(TimeSpan.FromSeconds(1000));

        Time.Advance(TimeSpan.FromSeconds(960));
        ReceivedRequest handshake = await broker.ReceiveAsync(Limit);
        Task<HeartbeatResponse> waiting = connection.SendAsync(Heartbeat(), Limit);
        await broker.AnswerAsync(handshake, new SaslHandshakeResponse(), Limit);
        await broker.AnswerAsync(await broker.ReceiveAsync(Limit), new SaslAuthenticateResponse { ErrorCode = ErrorCode.SaslAuthenticationFailed, ErrorMessage = "the password has changed" }, Limit);

        ConnectionException failure = await FailureAsync<ConnectionException>(waiting);
        Assert.That(failure.Message, Does.Contain("was not sent").And.Contain("the password has changed"));
        await connection.Closed.WaitAsync(Limit);
    }

    [Test]
    public async Task Without_credentials_for_the_renewal_the_connection_makes_place_and_answers_what_it_has()
    {
        using var log = new RecordingLoggerFactory();
        (Connection connection, ScriptedBroker broker, WatchedMechanism mechanism) = await OpenAsync(TimeSpan.FromSeconds(1000), log);
        Task<HeartbeatResponse> first = connection.SendAsync(Heartbeat("first"), Limit);
        ReceivedRequest inFlight = await broker.ReceiveAsync(Limit);
        mechanism.Fault = new IOException("the vault is sealed");

        Time.Advance(TimeSpan.FromSeconds(960));
        await mechanism.Started(2).WaitAsync(Limit);
        await broker.AnswerAsync(inFlight, new HeartbeatResponse(), Limit);
        await first;

        await log.WhenLoggedAsync(RenewalFailed).WaitAsync(Limit);
        Assert.That(connection.State, Is.EqualTo(ConnectionState.Retiring));
        Time.Advance(TimeSpan.FromSeconds(5));
        await connection.Closed.WaitAsync(Limit);
        Assert.That(connection.CloseReason!.Kind, Is.EqualTo(CloseKind.Idle));
    }

    [Test]
    public async Task A_token_that_ends_in_mid_stream_is_renewed_and_no_record_is_lost()
    {
        int tokens = 0;
        TestSaslOptions sasl = SecureCluster.Sasl("OAUTHBEARER");
        sasl.TokenValidator = (token, _) => new(TestTokenVerdict.Accept("alice", DateTimeOffset.UtcNow.AddSeconds(1)));
        await using TestCluster cluster = await SecureCluster.StartAsync(new TestSecurityOptions { Sasl = sasl }, Limit);
        await using KafkaClient kafka = SecureCluster.Client(cluster, SecureCluster.Sasl(new SaslOAuthBearer(_ => new(new OAuthToken($"token-{Interlocked.Increment(ref tokens)}")))));
        await using Producer<int, int> producer = kafka.CreateProducer<int, int>();

        int sent = 0;
        while (Volatile.Read(ref tokens) < 8)
        {
            await producer.ProduceAsync(SecureCluster.Topic, sent, sent, Limit);
            sent++;
        }

        Assert.That(cluster.EndOffset(SecureCluster.Topic, 0), Is.EqualTo(sent));
    }

    private async Task<(Connection Connection, ScriptedBroker Broker, WatchedMechanism Mechanism)> OpenAsync(TimeSpan lifetime, ILogger? log = null)
    {
        var mechanism = new WatchedMechanism(Plain);
        (Task<Connection> opening, ScriptedBroker broker) = await BeginOpenAsync(LongLived(mechanism, log));
        await broker.NegotiateAsync(Limit);
        await broker.AnswerAsync(await broker.ReceiveAsync(Limit), new SaslHandshakeResponse(), Limit);
        await broker.AnswerAsync(await broker.ReceiveAsync(Limit), new SaslAuthenticateResponse { SessionLifetimeMs = (long)lifetime.TotalMilliseconds }, Limit);
        return (await opening, broker, mechanism);
    }

    private ConnectionOptions LongLived(ISaslMechanism mechanism, ILogger? log = null) =>
        new() { TimeProvider = Time, Sasl = mechanism, Logger = log ?? NullLogger.Instance, IdleTimeout = TimeSpan.FromDays(10), RequestTimeout = TimeSpan.FromDays(1) };

    private static DnsEndPoint Address(TestCluster cluster) => new("127.0.0.1", int.Parse(cluster.BootstrapServers.Split(':')[1], null));
}
