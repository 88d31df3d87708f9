using System.Text;
using Milena.Kafka.Compression.Zstandard;

namespace Milena.Kafka.Compression.Tests.Zstandard;

public class XxHash64Tests
{
    private const ulong Seed = 2654435761;

    [TestCase("", 0xEF46DB3751D8E999UL)]
    [TestCase("a", 0xD24EC4F1A98C6E5BUL)]
    [TestCase("as", 0x1C330FB2D66BE179UL)]
    [TestCase("asd", 0x631C37CE72A97393UL)]
    [TestCase("asdf", 0x415872F599CEA71EUL)]
    [TestCase("Call me Ishmael. Some years ago--never mind how long precisely-", 0x02A2E85470D6FD96UL)]
    public void Text_has_its_published_hash(string text, ulong expected)
    {
        Assert.That(XxHash64.Hash(Encoding.ASCII.GetBytes(text)), Is.EqualTo(expected));
    }

    [TestCase(0, 0UL, 0xEF46DB3751D8E999UL)]
    [TestCase(0, Seed, 0xAC75FDA2929B17EFUL)]
    [TestCase(1, 0UL, 0xE934A84ADB052768UL)]
    [TestCase(1, Seed, 0x5014607643A9B4C3UL)]
    [TestCase(4, 0UL, 0x9136A0DCA57457EEUL)]
    [TestCase(14, 0UL, 0x8282DCC4994E35C8UL)]
    [TestCase(14, Seed, 0xC3BD6BF63DEB6DF0UL)]
    [TestCase(222, 0UL, 0xB641AE8CB691C174UL)]
    [TestCase(222, Seed, 0x20CB8AB7AE10C14AUL)]
    public void The_reference_buffer_has_its_published_hash(int length, ulong seed, ulong expected)
    {
        byte[] buffer = new byte[length];
        ulong generator = Seed;
        for (int i = 0; i < buffer.Length; i++)
        {
            buffer[i] = (byte)(generator >> 56);
            generator *= 11400714785074694797;
        }

        Assert.That(XxHash64.Hash(buffer, seed), Is.EqualTo(expected));
    }
}
