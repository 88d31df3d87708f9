using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Milena.Kafka.Network.Internal;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Tests.Network;

/// <summary>Over real sockets.</summary>
internal sealed class LoopbackTests : ConnectionTest
{
    private static readonly RequestOptions ByName = new(MaxVersion: 12);

    [Test]
    public async Task Large_records_of_many_partitions_arrive_byte_for_byte()
    {
        using var listener = new LoopbackListener();
        (Connection connection, ScriptedBroker broker) = await ConnectAsync(listener);
        await using Connection _ = connection;
        var random = new Random(7);
        ProduceRequest request = Produce(new byte[10], acks: 0);
        for (int i = 0; i < 1500; i++)
        {
            byte[] records = new byte[random.Next(0, 8192)];
            random.NextBytes(records);
            request.TopicData[0].PartitionData.Add(new() { Index = i + 1, Records = records });
        }

        PendingRequest pending = connection.SendOneWay(request, ByName, Limit);
        ProduceRequest received = (await broker.ReceiveAsync(Limit)).Read<ProduceRequest>();
        await pending.Released.WaitAsync(Limit);

        Assert.That(received.TopicData[0].PartitionData, Has.Count.EqualTo(1501));
        for (int i = 0; i <= 1500; i++)
        {
            ReadOnlyMemory<byte> sent = request.TopicData[0].PartitionData[i].Records!.Value;
            Assert.That(received.TopicData[0].PartitionData[i].Records!.Value.Span.SequenceEqual(sent.Span), $"partition {i}");
        }
    }

    [Test]
    public async Task A_cancelled_caller_does_not_tear_a_frame_on_a_socket()
    {
        using var listener = new LoopbackListener();
        (Connection connection, ScriptedBroker broker) = await ConnectAsync(listener);
        await using Connection _ = connection;
        using var cancelled = new CancellationTokenSource();
        byte[] records = new byte[32 * 1024 * 1024];
        new Random(1).NextBytes(records);

        PendingRequest pending = connection.SendOneWay(Produce(records, acks: 0), ByName, cancelled.Token);
        byte[] length = new byte[4];
        await broker.Stream.ReadExactlyAsync(length, Limit);
        await cancelled.CancelAsync();
        await FailureAsync<OperationCanceledException>(pending.Completion);
        Assert.That(pending.Released.IsCompleted, Is.False, "the socket cannot have taken it all");
        byte[] frame = new byte[System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(length)];
        await broker.Stream.ReadExactlyAsync(frame, Limit);
        await pending.Released.WaitAsync(Limit);

        Assert.That(ReceivedRequest.Parse(frame).Read<ProduceRequest>().TopicData[0].PartitionData[0].Records!.Value.Span.SequenceEqual(records));
    }

    [Test]
    public async Task An_abort_ends_a_write_that_the_peer_does_not_take()
    {
        using var listener = new LoopbackListener();
        (Connection connection, ScriptedBroker broker) = await ConnectAsync(listener);
        PendingRequest pending = connection.SendOneWay(Produce(new byte[32 * 1024 * 1024], acks: 0), ByName, Limit);
        await broker.Stream.ReadExactlyAsync(new byte[4], Limit);

        connection.Abort("enough");

        await FailureAsync<ConnectionException>(pending.Completion);
        await pending.Released.WaitAsync(Limit);
        await connection.Closed.WaitAsync(Limit);
    }

    [Test]
    public async Task A_socket_that_is_reset_fails_the_waiting_request()
    {
        using var listener = new LoopbackListener();
        (Connection connection, ScriptedBroker broker) = await ConnectAsync(listener);
        Task<HeartbeatResponse> waiting = connection.SendAsync(Heartbeat(), Limit);
        await broker.ReceiveAsync(Limit);

        Socket socket = ((NetworkStream)broker.Stream).Socket;
        socket.LingerState = new LingerOption(true, 0);
        socket.Dispose();

        Assert.That((await FailureAsync<ConnectionException>(waiting)).Message, Does.Contain("Heartbeat v4").And.Contain($"127.0.0.1:{listener.Endpoint.Port}"));
        Assert.That(connection.CloseReason!.Kind, Is.EqualTo(CloseKind.Broken));
    }

    [Test]
    public async Task A_connector_may_wrap_the_stream_in_TLS()
    {
        using var listener = new LoopbackListener();
        using X509Certificate2 certificate = CreateCertificate();
        var connector = new DelegateConnector(async token => await EncryptAsync(await new TcpConnector().ConnectAsync(listener.Endpoint, token), certificate, token));
        Task<Connection> opening = Connection.OpenAsync(listener.Endpoint, Options(), connector, Limit);
        ScriptedBroker plain = await listener.AcceptAsync(Limit);
        var encrypted = new SslStream(plain.Stream);
        await encrypted.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, Limit);
        var broker = new ScriptedBroker(encrypted);
        await broker.NegotiateAsync(Limit);
        Connection connection = await opening;
        byte[] records = new byte[100_000];
        new Random(3).NextBytes(records);

        PendingRequest pending = connection.SendOneWay(Produce(records, acks: 0), ByName, Limit);
        ProduceRequest received = (await broker.ReceiveAsync(Limit)).Read<ProduceRequest>();
        await pending.Released.WaitAsync(Limit);
        await connection.DisposeAsync();

        Assert.That(received.TopicData[0].PartitionData[0].Records!.Value.Span.SequenceEqual(records));
        Assert.That(connection.Closed.IsCompleted);
        await broker.DisposeAsync();
    }

    [Test]
    public async Task A_TLS_port_does_not_hold_a_plaintext_client_up()
    {
        using var listener = new LoopbackListener();
        using X509Certificate2 certificate = CreateCertificate();
        Task<Connection> opening = Connection.OpenAsync(listener.Endpoint, Options(), new TcpConnector(), Limit);
        ScriptedBroker plain = await listener.AcceptAsync(Limit);
        var encrypted = new SslStream(plain.Stream);
        await FailureAsync<System.Security.Authentication.AuthenticationException>(encrypted.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, Limit));
        await encrypted.DisposeAsync();

        Assert.That((await FailureAsync<ConnectionException>(opening)).Message, Does.Contain("TLS"));
    }

    [Test]
    public async Task A_refused_port_is_told_with_address_and_cause()
    {
        DnsEndPoint nobody;
        using (var listener = new LoopbackListener())
        {
            nobody = listener.Endpoint;
        }

        var failure = await FailureAsync<ConnectionException>(Connection.OpenAsync(nobody, Options(), new TcpConnector(), Limit));

        Assert.That(failure.Message, Does.Contain($"127.0.0.1:{nobody.Port}").And.Contain("refused"));
        Assert.That(failure.InnerException, Is.InstanceOf<SocketException>());
    }

    [Test]
    public async Task All_addresses_of_a_name_are_tried()
    {
        using var listener = new LoopbackListener();
        var connector = new TcpConnector
        {
            Resolver = (_, _) => Task.FromResult(new[] { IPAddress.IPv6Loopback, IPAddress.Parse("127.0.0.3"), IPAddress.Loopback }),
        };

        await using Stream stream = await connector.ConnectAsync(new DnsEndPoint("kafka.example", listener.Endpoint.Port), Limit);
        ScriptedBroker broker = await listener.AcceptAsync(Limit);
        await broker.DisposeAsync();

        Assert.That(await stream.ReadAsync(new byte[1], Limit), Is.Zero);
        Assert.That(((NetworkStream)stream).Socket.NoDelay);
    }

    [Test]
    public async Task When_all_addresses_fail_each_is_listed()
    {
        DnsEndPoint nobody;
        using (var listener = new LoopbackListener())
        {
            nobody = listener.Endpoint;
        }

        var connector = new TcpConnector { Resolver = (_, _) => Task.FromResult(new[] { IPAddress.Parse("127.0.0.3"), IPAddress.Loopback }) };
        var failure = await FailureAsync<ConnectionException>(connector.ConnectAsync(new DnsEndPoint("kafka.example", nobody.Port), Limit).AsTask());

        Assert.That(failure.Message, Does.Contain($"kafka.example:{nobody.Port}").And.Contain("127.0.0.3:").And.Contain("127.0.0.1:"));
    }

    [Test]
    public async Task A_name_that_does_not_resolve_is_told()
    {
        var connector = new TcpConnector { Resolver = (_, _) => Task.FromException<IPAddress[]>(new SocketException((int)SocketError.HostNotFound)) };

        var failure = await FailureAsync<ConnectionException>(connector.ConnectAsync(new DnsEndPoint("kafka.example", 9092), Limit).AsTask());

        Assert.That(failure.Message, Does.Contain("kafka.example:9092").And.Contain("could not be resolved"));
    }

    [Test]
    public async Task A_round_trip_over_loopback_allocates_little()
    {
        using var listener = new LoopbackListener();
        (Connection connection, ScriptedBroker broker) = await ConnectAsync(listener);
        await using Connection _ = connection;
        Thread echo = StartEcho(broker, 3000);
        long before = 0;
        for (int i = 0; i < 3000; i++)
        {
            if (i == 1000)
            {
                before = GC.GetTotalAllocatedBytes(precise: true);
            }

            await connection.SendAsync(Heartbeat(), Limit);
        }

        long bytes = (GC.GetTotalAllocatedBytes(precise: true) - before) / 2000;
        echo.Join();
        Assert.That(bytes, Is.LessThan(4000));
    }

    private static X509Certificate2 CreateCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=broker-1", key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private static async Task<Stream> EncryptAsync(Stream plain, X509Certificate2 expected, CancellationToken cancellationToken)
    {
        // Nobody but this test trusts its certificate.
        var encrypted = new SslStream(plain, leaveInnerStreamOpen: false, (_, presented, _, _) => presented!.GetCertHashString() == expected.GetCertHashString());
        await encrypted.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "broker-1" }, cancellationToken);
        return encrypted;
    }

    // On a thread of its own and without garbage, so that what is measured is the client's.
    private static Thread StartEcho(ScriptedBroker broker, int count)
    {
        Socket socket = ((NetworkStream)broker.Stream).Socket;
        byte[] request = new byte[1024];
        byte[] answer = ScriptedBroker.Encode(Protocol.Apis.Heartbeat, new HeartbeatResponse(), 0, 4);
        var echo = new Thread(() =>
        {
            for (int i = 0; i < count && socket.Receive(request) > 0; i++)
            {
                request.AsSpan(8, 4).CopyTo(answer.AsSpan(4));
                socket.Send(answer);
            }
        });
        echo.Start();
        return echo;
    }

    private async Task<(Connection Connection, ScriptedBroker Broker)> ConnectAsync(LoopbackListener listener)
    {
        Task<Connection> opening = Connection.OpenAsync(listener.Endpoint, Options(), new TcpConnector(), Limit);
        ScriptedBroker broker = await listener.AcceptAsync(Limit);
        await broker.NegotiateAsync(Limit);
        return (await opening, broker);
    }
}
