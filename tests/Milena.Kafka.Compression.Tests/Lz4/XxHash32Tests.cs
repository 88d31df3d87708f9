using System.Text;
using Milena.Kafka.Compression.Lz4;

namespace Milena.Kafka.Compression.Tests.Lz4;

public class XxHash32Tests
{
    private const uint Prime32 = 2654435761;
    private const ulong Prime64 = 11400714785074694797;

    // The sanity checks that come with the reference implementation: a generated buffer, of several lengths, with two seeds.
    [TestCase(0, 0u, 0x02CC5D05u)]
    [TestCase(0, Prime32, 0x36B78AE7u)]
    [TestCase(1, 0u, 0xCF65B03Eu)]
    [TestCase(1, Prime32, 0xB4545AA4u)]
    [TestCase(14, 0u, 0x1208E7E2u)]
    [TestCase(14, Prime32, 0x6AF1D1FEu)]
    [TestCase(222, 0u, 0x5BD11DBDu)]
    [TestCase(222, Prime32, 0x58803C5Fu)]
    public void The_published_hashes_come_out(int length, uint seed, uint expected)
    {
        byte[] buffer = new byte[length];
        ulong generator = Prime32;
        for (int i = 0; i < length; i++)
        {
            buffer[i] = (byte)(generator >> 56);
            generator *= Prime64;
        }

        Assert.That(XxHash32.Compute(buffer, seed), Is.EqualTo(expected));
    }

    [TestCase("a", 0x550D7456u)]
    [TestCase("abc", 0x32D153FFu)]
    [TestCase("Nobody inspects the spammish repetition", 0xE2293B2Fu)]
    public void Well_known_texts_hash_as_elsewhere(string text, uint expected)
    {
        Assert.That(XxHash32.Compute(Encoding.ASCII.GetBytes(text)), Is.EqualTo(expected));
    }
}
