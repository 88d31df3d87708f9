using System.Text;
using Milena.Kafka.Network.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Tests.Network;

internal sealed class ConnectionSetupTests : ConnectionTest
{
    /// <summary>What Kafka 4.3.2 and 3.9.0 answered to a version that they do not know, but for the correlation id.</summary>
    private static readonly byte[] RecordedRefusal = Convert.FromHexString("00000007002300000001001200000004");

    [Test]
    public async Task A_connection_asks_for_the_highest_released_version_and_names_the_software()
    {
        (Task<Connection> opening, ScriptedBroker broker) = await BeginOpenAsync();

        ReceivedRequest request = await broker.ReceiveAsync(Limit);
        await broker.AnswerAsync(request, ScriptedBroker.AllVersions(), Limit);
        await using Connection connection = await opening;

        Assert.That(request.Version, Is.EqualTo(4));
        Assert.That(request.ClientId, Is.EqualTo("test"));
        ApiVersionsRequest body = request.Read<ApiVersionsRequest>();
        Assert.That(body.ClientSoftwareName, Is.EqualTo("milena"));
        Assert.That(body.ClientSoftwareVersion, Does.Match("^[a-zA-Z0-9](?:[a-zA-Z0-9\\-.]*[a-zA-Z0-9])?$"));
        Assert.That(connection.State, Is.EqualTo(ConnectionState.Ready));
    }

    // librdkafka 2.0.2's mock cluster refuses with an array that belongs to no version.
    [Test]
    public async Task A_refusal_whose_rest_cannot_be_read_leads_to_version_0()
    {
        (Task<Connection> opening, ScriptedBroker broker) = await BeginOpenAsync();

        ReceivedRequest first = await broker.ReceiveAsync(Limit);
        byte[] refusal = Convert.FromHexString("000000110000000700230100120000000200000000");
        refusal[7] = (byte)first.CorrelationId;
        await broker.SendAsync(refusal, Limit);
        ReceivedRequest second = await broker.ReceiveAsync(Limit);
        await broker.AnswerAsync(second, ScriptedBroker.AllVersions(), Limit);
        await using Connection connection = await opening;

        Assert.That(second.Version, Is.Zero);
    }

    [Test]
    public async Task A_recorded_refusal_of_a_real_broker_leads_to_the_next_lower_version()
    {
        (Task<Connection> opening, ScriptedBroker broker) = await BeginOpenAsync();

        ReceivedRequest first = await broker.ReceiveAsync(Limit);
        byte[] refusal = [0, 0, 0, (byte)RecordedRefusal.Length, .. RecordedRefusal];
        refusal[7] = (byte)first.CorrelationId;
        await broker.SendAsync(refusal, Limit);
        ReceivedRequest second = await broker.ReceiveAsync(Limit);
        await broker.AnswerAsync(second, ScriptedBroker.AllVersions(), Limit);
        await using Connection connection = await opening;

        Assert.That((first.Version, second.Version), Is.EqualTo(((short)4, (short)3)));
        Assert.That(connection.Versions.Negotiate(Apis.Fetch), Is.EqualTo(18));
    }

    [Test]
    public async Task The_version_that_a_refusal_lists_is_asked_next()
    {
        (Task<Connection> opening, ScriptedBroker broker) = await BeginOpenAsync();

        await RefuseAsync(broker, listed: 2);
        ReceivedRequest second = await broker.ReceiveAsync(Limit);
        await broker.AnswerAsync(second, ScriptedBroker.AllVersions(), Limit);
        await using Connection connection = await opening;

        Assert.That(second.Version, Is.EqualTo(2));
    }

    [Test]
    public async Task A_refusal_that_lists_nothing_leads_to_version_0()
    {
        (Task<Connection> opening, ScriptedBroker broker) = await BeginOpenAsync();

        await RefuseAsync(broker, listed: null);
        ReceivedRequest second = await broker.ReceiveAsync(Limit);
        await broker.AnswerAsync(second, ScriptedBroker.AllVersions(), Limit);
        await using Connection connection = await opening;

        Assert.That(second.Version, Is.Zero);
    }

    [Test]
    public async Task A_broker_that_refuses_every_version_is_given_up_after_version_0()
    {
        (Task<Connection> opening, ScriptedBroker broker) = await BeginOpenAsync();

        for (int i = 0; i < 5; i++)
        {
            await RefuseAsync(broker, listed: 99);
        }

        var failure = await FailureAsync<UnsupportedVersionException>(opening);
        Assert.That(failure.Message, Does.Contain("broker-1:9092").And.Contain("ApiVersions"));
        Assert.That(await broker.TryReceiveAsync(Limit), Is.Null, "the connection stays open");
    }

    [Test]
    public async Task Another_error_code_fails_with_that_code()
    {
        (Task<Connection> opening, ScriptedBroker broker) = await BeginOpenAsync();

        await broker.AnswerAsync(await broker.ReceiveAsync(Limit), new ApiVersionsResponse { ErrorCode = ErrorCode.InvalidRequest }, Limit);

        Assert.That((await FailureAsync<KafkaException>(opening)).Code, Is.EqualTo(ErrorCode.InvalidRequest));
    }

    [Test]
    public async Task A_broker_that_closes_at_once_gives_an_error_that_says_what_may_be_there()
    {
        (Task<Connection> opening, ScriptedBroker broker) = await BeginOpenAsync();

        await broker.DisposeAsync();

        var failure = await FailureAsync<ConnectionException>(opening);
        Assert.That(failure.Message, Does.Contain("broker-1:9092").And.Contain("closed the connection").And.Contain("TLS").And.Contain("0.10"));
    }

    [TestCase("HTTP/1.1 400 Bad Request\r\n\r\n", "HTTP")]
    [TestCase("SSH-2.0-OpenSSH_9.6\r\n", "SSH")]
    [TestCase("\u0015\u0003\u0001\0\u0002\u0002F", "TLS")]
    [TestCase("\u0016\u0003\u0003\0\u0050\u0002\0", "TLS")]
    public async Task A_port_of_another_protocol_is_called_by_its_name(string greeting, string protocol)
    {
        (Task<Connection> opening, ScriptedBroker broker) = await BeginOpenAsync();

        await broker.SendAsync(Encoding.Latin1.GetBytes(greeting), Limit);

        var failure = await FailureAsync<KafkaException>(opening);
        Assert.That(failure.Message, Does.Contain("broker-1:9092").And.Contain("does not speak Kafka").And.Contain(protocol));
    }

    [TestCase(-1)]
    [TestCase(int.MinValue)]
    [TestCase(0)]
    [TestCase(3)]
    [TestCase((1024 * 1024) + 1)]
    [TestCase(int.MaxValue)]
    public async Task A_frame_length_that_cannot_be_is_refused_before_anything_is_allocated(int length)
    {
        (Task<Connection> opening, ScriptedBroker broker) = await BeginOpenAsync();
        byte[] bytes = new byte[8];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(bytes, length);

        await broker.SendAsync(bytes, Limit);

        var failure = await FailureAsync<ConnectionException>(opening);
        Assert.That(failure.Message, Does.Contain($"{length:N0} bytes").And.Contain("1,048,576"));
    }

    [Test]
    public async Task A_silent_server_ends_in_the_setup_timeout()
    {
        (Task<Connection> opening, ScriptedBroker broker) = await BeginOpenAsync();
        await broker.ReceiveAsync(Limit);

        Time.Advance(TimeSpan.FromSeconds(9.9));
        Assert.That(opening.IsCompleted, Is.False);
        Time.Advance(TimeSpan.FromSeconds(0.2));

        var failure = await FailureAsync<ConnectionException>(opening);
        Assert.That(failure.Message, Does.Contain("10 s").And.Contain("ApiVersions"));
        Assert.That(await broker.TryReceiveAsync(Limit), Is.Null);
    }

    [Test]
    public async Task A_connector_that_never_returns_ends_in_the_setup_timeout_and_its_late_stream_is_disposed()
    {
        var late = new TaskCompletionSource<Stream>();
        var connector = new DelegateConnector(_ => late.Task);
        Task<Connection> opening = Connection.OpenAsync(Endpoint, Options(), connector, Limit);

        Time.Advance(TimeSpan.FromSeconds(11));
        await FailureAsync<ConnectionException>(opening);

        (PipeStream client, PipeStream server) = PipeStream.CreatePair(1024);
        late.SetResult(client);
        Assert.That(await server.ReadAsync(new byte[1], Limit), Is.Zero);
    }

    [Test]
    public async Task Cancelling_while_versions_are_negotiated_ends_the_connection()
    {
        using var cancelled = new CancellationTokenSource();
        var connector = new PipeConnector();
        Task<Connection> opening = Connection.OpenAsync(Endpoint, Options(), connector, cancelled.Token);
        ScriptedBroker broker = await connector.AcceptAsync(Limit);
        await broker.ReceiveAsync(Limit);

        await cancelled.CancelAsync();

        await FailureAsync<OperationCanceledException>(opening);
        Assert.That(await broker.TryReceiveAsync(Limit), Is.Null);
    }

    [Test]
    public async Task A_connector_that_fails_is_told_with_the_address()
    {
        var connector = new DelegateConnector(_ => Task.FromException<Stream>(new IOException("no route")));

        var failure = await FailureAsync<ConnectionException>(Connection.OpenAsync(Endpoint, Options(), connector, Limit));

        Assert.That(failure.Message, Does.Contain("broker-1:9092").And.Contain("no route"));
    }

    private async Task RefuseAsync(ScriptedBroker broker, short? listed)
    {
        ReceivedRequest request = await broker.ReceiveAsync(Limit);
        var refusal = new ApiVersionsResponse { ErrorCode = ErrorCode.UnsupportedVersion };
        if (listed is { } highest)
        {
            refusal.ApiKeys.Add(new() { ApiKey = (short)ApiKey.ApiVersions, MinVersion = 0, MaxVersion = highest });
        }

        await broker.AnswerAsync(request, refusal, request.CorrelationId, version: 0, Limit);
    }
}
