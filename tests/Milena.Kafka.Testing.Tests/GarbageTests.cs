using System.Text;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Testing.Tests;

internal sealed class GarbageTests : ClusterTest
{
    private static readonly byte[][] Garbage =
    [
        Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03],
        [0x7f, 0xff, 0xff, 0xff, 0, 0],
        [0xff, 0xff, 0xff, 0xff],
        [0, 0, 0, 0],
        [0, 0, 0, 2, 0, 3],
        [0, 0, 0, 8, 0x7f, 0, 0, 0, 0, 0, 0, 1],
        [0, 0, 0, 10, 0, 3, 0, 1, 0, 0, 0, 1, 0xff, 0xff],
        [0, 0, 0, 14, 0, 3, 0, 1, 0, 0, 0, 1, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff],
    ];

    [Test]
    public async Task What_is_no_request_closes_its_own_connection_only([ValueSource(nameof(Garbage))] byte[] garbage)
    {
        using RawClient stranger = await RawClient.ConnectAsync(Cluster, 1, Bound);
        await stranger.SendBytesAsync(garbage, Bound);

        Assert.That(await stranger.ReceiveFrameAsync(Bound), Is.Null);
        Assert.That(Cluster.Rejections, Has.Count.EqualTo(1));
        Assert.That((await Client.SendAsync(new MetadataRequest(), 1, Bound)).Brokers, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Random_bytes_do_the_broker_no_harm()
    {
        var random = new Random(4711);
        for (int i = 0; i < 200; i++)
        {
            using RawClient stranger = await RawClient.ConnectAsync(Cluster, 1, Bound);
            byte[] bytes = new byte[random.Next(1, 400)];
            random.NextBytes(bytes);
            if (i % 2 == 0 && bytes.Length > 12)
            {
                // A right length and a right API in front let the rest come further.
                byte[] head = [0, 0, (byte)((bytes.Length - 4) >> 8), (byte)(bytes.Length - 4), 0, (byte)random.Next(0, 24), 0, (byte)random.Next(0, 12)];
                head.CopyTo(bytes, 0);
            }

            await stranger.SendBytesAsync(bytes, Bound);
        }

        Assert.That((await Client.SendAsync(new MetadataRequest(), 1, Bound)).Brokers, Has.Count.EqualTo(1));
        Assert.That(Cluster.Errors, Is.Empty);
    }

    [Test]
    public async Task A_claimed_length_takes_no_memory_before_its_bytes_come()
    {
        long before = GC.GetTotalMemory(forceFullCollection: true);
        var strangers = new List<RawClient>();
        for (int i = 0; i < 20; i++)
        {
            RawClient stranger = await RawClient.ConnectAsync(Cluster, 1, Bound);
            await stranger.SendBytesAsync(new byte[] { 0x06, 0x00, 0, 0, 0, 3 }, Bound);
            strangers.Add(stranger);
        }

        await Client.SendAsync(new MetadataRequest(), 1, Bound);
        Assert.That(GC.GetTotalMemory(forceFullCollection: false) - before, Is.LessThan(20 * 5_000_000));
        strangers.ForEach(stranger => stranger.Dispose());
    }
}
