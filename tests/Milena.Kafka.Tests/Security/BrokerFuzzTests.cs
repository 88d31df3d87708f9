using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Milena.Kafka.Testing;

namespace Milena.Kafka.Tests.Security;

/// <summary>Clients that send nonsense to the embedded cluster before they are known: each is answered or cut off, and the next good one is served.</summary>
[CancelAfter(120_000)]
public class BrokerFuzzTests
{
    private const int Runs = 250;
    private const short SaslHandshake = 17;
    private const short ApiVersions = 18;
    private const short SaslAuthenticate = 36;

    // What clients say in truth, to be spoilt.
    private static readonly byte[][] Messages =
    [
        "\0alice\0pass"u8.ToArray(),
        "n,,n=alice,r=abc"u8.ToArray(),
        "c=biws,r=abcdef,p=AAAA"u8.ToArray(),
        "n,,\u0001auth=Bearer a.b.c\u0001x=y\u0001\u0001"u8.ToArray(),
        """{"version":"2020_10_22","host":"localhost","action":"kafka-cluster:Connect","x-amz-credential":"alice/20260101/r/kafka-cluster/aws4_request","x-amz-date":"20260101T000000Z"}"""u8.ToArray(),
        [],
    ];

    [Test]
    public async Task Nonsense_in_SASL_ends_in_an_answer_or_the_end_of_the_connection(
        [Values("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER", "AWS_MSK_IAM")] string mechanism, [Values] bool isBare, CancellationToken cancellationToken)
    {
        var random = new Random(mechanism.Length * 2 + (isBare ? 1 : 0));
        TestSaslOptions sasl = SecureCluster.Sasl("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER", "AWS_MSK_IAM");
        sasl.TokenValidator = (_, _) => new(TestTokenVerdict.Refuse());
        await using TestCluster cluster = await SecureCluster.StartAsync(new TestSecurityOptions { Sasl = sasl }, cancellationToken);
        for (int run = 0; run < Runs; run++)
        {
            using var sent = new MemoryStream();
            sent.Write(Framed(Request(SaslHandshake, (short)(isBare ? 0 : 1), Text(mechanism))));
            for (int message = random.Next(4); message >= 0; message--)
            {
                byte[] token = Spoil(random, Messages[random.Next(Messages.Length)]);
                sent.Write(Framed(isBare ? token : Request(SaslAuthenticate, (short)random.Next(3), [.. Length(random, token.Length), .. token])));
            }

            await ConverseAsync(cluster, sent.ToArray(), cancellationToken);
        }

        await AssertServesAsync(cluster, cancellationToken);
    }

    [Test]
    public async Task Nonsense_in_frames_ends_in_an_answer_or_the_end_of_the_connection(CancellationToken cancellationToken)
    {
        var random = new Random(3);
        await using TestCluster cluster = await SecureCluster.StartAsync(new TestSecurityOptions { Sasl = SecureCluster.Sasl() }, cancellationToken);
        for (int run = 0; run < 3 * Runs; run++)
        {
            short[] keys = [SaslHandshake, ApiVersions, SaslAuthenticate, (short)random.Next(-2, 100)];
            byte[] body = new byte[random.Next(80)];
            random.NextBytes(body);
            byte[] frame = Framed(Request(keys[random.Next(keys.Length)], (short)random.Next(-1, 6), body));
            await ConverseAsync(cluster, run % 3 == 0 ? Spoil(random, frame) : frame, cancellationToken);
        }

        await AssertServesAsync(cluster, cancellationToken);
    }

    [Test]
    public async Task Nonsense_in_TLS_ends_the_connection(CancellationToken cancellationToken)
    {
        var random = new Random(4);
        var tls = new TestTlsOptions();
        await using TestCluster cluster = await SecureCluster.StartAsync(new TestSecurityOptions { Tls = tls }, cancellationToken);
        for (int run = 0; run < Runs; run++)
        {
            byte[] record = new byte[random.Next(1, 300)];
            random.NextBytes(record);
            ((ReadOnlySpan<byte>)[0x16, 3, 1, 0, (byte)random.Next(256), 1, 0, 0]).Slice(0, Math.Min(record.Length, random.Next(9))).CopyTo(record);
            await ConverseAsync(cluster, record, cancellationToken);
        }

        await SecureCluster.ProduceOneAsync(cluster, SecureCluster.Tls(tls.Certificates), cancellationToken);
        Assert.That(cluster.Errors, Is.Empty);
    }

    [TestCase(512 * 1024 + 1)]
    [TestCase(int.MaxValue)]
    [TestCase(-1)]
    public async Task An_unknown_client_gets_no_memory_for_what_it_announces(int size, CancellationToken cancellationToken)
    {
        await using TestCluster cluster = await SecureCluster.StartAsync(new TestSecurityOptions { Sasl = SecureCluster.Sasl() }, cancellationToken);
        byte[] length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, size);

        Assert.That(await ConverseAsync(cluster, length, cancellationToken), Is.Empty);

        await cluster.DisposeAsync();
        Assert.That(cluster.Rejections.Single().Reason, Does.Contain($"claims {size:N0} bytes"));
    }

    // Reading to the end needs the broker to end the connection: it hangs if that hangs.
    private static async Task<byte[]> ConverseAsync(TestCluster cluster, byte[] bytes, CancellationToken cancellationToken)
    {
        string[] address = cluster.BootstrapServers.Split(':');
        using var client = new TcpClient();
        await client.ConnectAsync(address[0], int.Parse(address[1], null), cancellationToken);
        using var answers = new MemoryStream();
        try
        {
            NetworkStream stream = client.GetStream();
            await stream.WriteAsync(bytes, cancellationToken);
            client.Client.Shutdown(SocketShutdown.Send);
            await stream.CopyToAsync(answers, cancellationToken);
        }
        catch (Exception end) when (end is IOException or SocketException)
        {
            // Cut off in the middle of it, which is an end too.
        }

        return answers.ToArray();
    }

    private static async Task AssertServesAsync(TestCluster cluster, CancellationToken cancellationToken)
    {
        await SecureCluster.ProduceOneAsync(cluster, SecureCluster.Sasl(new SaslPlain(SecureCluster.User, SecureCluster.Password)), cancellationToken);
        Assert.That(cluster.Errors, Is.Empty);
    }

    private static byte[] Request(short key, short version, byte[] body)
    {
        byte[] header = new byte[10];
        BinaryPrimitives.WriteInt16BigEndian(header, key);
        BinaryPrimitives.WriteInt16BigEndian(header.AsSpan(2), version);
        BinaryPrimitives.WriteInt16BigEndian(header.AsSpan(8), -1);
        return [.. header, .. body];
    }

    private static byte[] Framed(byte[] content)
    {
        byte[] length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, content.Length);
        return [.. length, .. content];
    }

    private static byte[] Text(string text) => [0, (byte)text.Length, .. Encoding.ASCII.GetBytes(text)];

    private static byte[] Length(Random random, int length)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, random.Next(8) == 0 ? random.Next(int.MinValue, int.MaxValue) : length);
        return bytes;
    }

    private static byte[] Spoil(Random random, byte[] message)
    {
        byte[] spoilt = [.. message, .. random.Next(3) == 0 ? new byte[random.Next(40)] : []];
        for (int changes = random.Next(4); changes > 0 && spoilt.Length > 0; changes--)
        {
            spoilt[random.Next(spoilt.Length)] = (byte)random.Next(256);
        }

        return spoilt[..random.Next(spoilt.Length / 2, spoilt.Length + 1)];
    }
}
