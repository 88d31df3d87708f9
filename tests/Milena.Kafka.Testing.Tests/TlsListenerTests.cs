namespace Milena.Kafka.Testing.Tests;

/// <summary>What a listener with TLS does with what is no TLS.</summary>
internal sealed class TlsListenerTests : ClusterTest
{
    protected override TestClusterOptions Options => new() { Security = { Tls = new TestTlsOptions() } };

    [Test]
    public async Task Random_handshakes_close_the_connection_and_harm_nothing()
    {
        var random = new Random(7);
        for (int run = 0; run < 100; run++)
        {
            using RawClient client = await RawClient.ConnectAsync(Cluster, 1, Bound);
            byte[] garbage = new byte[random.Next(6, 300)];
            random.NextBytes(garbage);
            ((ReadOnlySpan<byte>)[0x16, 3, 1, (byte)((garbage.Length - 5) >> 8), (byte)(garbage.Length - 5)]).CopyTo(garbage);
            await client.SendBytesAsync(garbage, Bound);
        }

        await Cluster.DisposeAsync();
        Assert.That(Cluster.Errors, Is.Empty);
    }
}
