using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Milena.Kafka.Network.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Security.Internal;
using Milena.Kafka.Tests.Network;

namespace Milena.Kafka.Tests.Security;

/// <summary>Brokers that answer nonsense while a connection is set up: each ends in an exception that is told, none hangs.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class HandshakeFuzzTests : ConnectionTest
{
    private static readonly Func<ISaslMechanism>[] Mechanisms =
    [
        () => new SaslPlain("u", "p"),
        () => SaslScram.WithNonce(ScramHash.Sha256, "u", "p", "nonce"),
        () => new SaslOAuthBearer(_ => new(new OAuthToken("token"))),
        () => new SaslAwsMskIam("r", _ => new(new AwsCredentials("i", "s"))),
    ];

    [Test]
    public async Task Random_answers_to_SASL_end_in_what_a_caller_can_catch([Range(0, 3)] int mechanism)
    {
        var random = new Random(20 + mechanism);
        for (int run = 0; run < 150; run++)
        {
            (Task<Connection> opening, ScriptedBroker broker) = await BeginOpenAsync(new ConnectionOptions { TimeProvider = Time, Sasl = Mechanisms[mechanism]() });
            await broker.NegotiateAsync(Limit);
            Task answering = AnswerAsync(broker, random);
            try
            {
                await (await opening.WaitAsync(Limit)).DisposeAsync();
            }
            catch (KafkaException)
            {
                // One of ours, whatever was sent.
            }

            await broker.DisposeAsync();
            await answering.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [Test]
    public async Task Random_answers_to_a_TLS_handshake_end_in_what_a_caller_can_catch()
    {
        var random = new Random(6);
        using var done = CancellationTokenSource.CreateLinkedTokenSource(Limit);
        var options = new TlsOptions();
        await using var credentials = new TlsCredentials(options, TimeProvider.System, NullLogger.Instance);
        using var listener = new LoopbackListener();
        Task answering = AnswerAllAsync(listener, random, done.Token);
        for (int run = 0; run < 100; run++)
        {
            Task<Connection> opening = Connection.OpenAsync(listener.Endpoint, Options(), new TlsConnector(new TcpConnector(), credentials, options), Limit);

            Assert.That((await FailureAsync<KafkaException>(opening)).Message, Does.Contain("TLS"));
        }

        await done.CancelAsync();
        await answering.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    // Whoever comes gets garbage, also the second look that a client takes without TLS.
    private static async Task AnswerAllAsync(LoopbackListener listener, Random random, CancellationToken cancellationToken)
    {
        while (true)
        {
            ScriptedBroker broker = await listener.AcceptAsync(cancellationToken);
            byte[] garbage = new byte[random.Next(1, 200)];
            random.NextBytes(garbage);
            if (random.Next(2) == 0 && garbage.Length > 5)
            {
                ((ReadOnlySpan<byte>)[(byte)random.Next(0x14, 0x18), 3, 3, 0, (byte)(garbage.Length - 5)]).CopyTo(garbage);
            }

            await broker.SendAsync(garbage, cancellationToken);
            await broker.DisposeAsync();
        }
    }

    [Test]
    public async Task A_broker_that_never_comes_to_an_end_is_left()
    {
        (Task<Connection> opening, ScriptedBroker broker) = await BeginOpenAsync(new ConnectionOptions { TimeProvider = Time, Sasl = new Endless() });
        await broker.NegotiateAsync(Limit);
        await broker.AnswerAsync(await broker.ReceiveAsync(Limit), new SaslHandshakeResponse(), Limit);
        int rounds = 0;
        while (await broker.TryReceiveAsync(Limit) is { } request)
        {
            rounds++;
            await broker.AnswerAsync(request, new SaslAuthenticateResponse { AuthBytes = new byte[] { 1 } }, Limit);
        }

        Assert.That((await FailureAsync<AuthenticationException>(opening)).Message, Does.Contain("went on after 16 messages"));
        Assert.That(rounds, Is.EqualTo(16));
    }

    [Test]
    public async Task A_broker_that_is_silent_in_SASL_is_left_in_time_and_said_to_be()
    {
        (Task<Connection> opening, ScriptedBroker broker) = await BeginOpenAsync(new ConnectionOptions { TimeProvider = Time, Sasl = new SaslPlain("u", "p") });
        await broker.NegotiateAsync(Limit);
        await broker.ReceiveAsync(Limit);

        Time.Advance(TimeSpan.FromSeconds(10));

        Assert.That((await FailureAsync<ConnectionException>(opening)).Message, Does.Contain("finish authentication by PLAIN within 10 s"));
        await broker.DisposeAsync();
    }

    private async Task AnswerAsync(ScriptedBroker broker, Random random)
    {
        while (await broker.TryReceiveAsync(Limit) is { } request)
        {
            switch (random.Next(6))
            {
                case 0:
                    byte[] garbage = new byte[random.Next(1, 64)];
                    random.NextBytes(garbage);
                    await broker.SendAsync(garbage, Limit);
                    await broker.DisposeAsync();
                    return;
                case 1:
                    await broker.DisposeAsync();
                    return;
                case 2 when request.Api.Key == ApiKey.SaslHandshake:
                    await broker.AnswerAsync(request, new SaslHandshakeResponse { ErrorCode = (ErrorCode)random.Next(-5, 140), Mechanisms = ["A", ""] }, Limit);
                    break;
                default:
                    await AnswerPlausiblyAsync(broker, request, random);
                    break;
            }
        }
    }

    private Task AnswerPlausiblyAsync(ScriptedBroker broker, ReceivedRequest request, Random random)
    {
        if (request.Api.Key == ApiKey.SaslHandshake)
        {
            return broker.AnswerAsync(request, new SaslHandshakeResponse(), Limit);
        }

        byte[] challenge = Encoding.Latin1.GetBytes(random.Next(5) switch
        {
            0 => "",
            1 => "r=nonceX,s=AAAA,i=4096",
            2 => "{\"status\":7,\"version\":[]}",
            3 => new string('{', 5000),
            _ => new string([.. Enumerable.Range(0, random.Next(200)).Select(_ => (char)random.Next(256))]),
        });
        ErrorCode error = random.Next(4) == 0 ? (ErrorCode)random.Next(-5, 140) : ErrorCode.None;
        return broker.AnswerAsync(request, new SaslAuthenticateResponse { ErrorCode = error, AuthBytes = challenge, SessionLifetimeMs = random.NextInt64(long.MinValue, long.MaxValue) }, Limit);
    }

    private sealed class Endless : ISaslMechanism, ISaslExchange
    {
        public string Name => "ENDLESS";

        public ValueTask<ISaslExchange> StartAsync(SaslTarget target, CancellationToken cancellationToken) => new(this);

        public ValueTask<ReadOnlyMemory<byte>?> RespondAsync(ReadOnlyMemory<byte> challenge, CancellationToken cancellationToken) => new(new byte[] { 1 });

        public void Dispose()
        {
        }
    }
}
