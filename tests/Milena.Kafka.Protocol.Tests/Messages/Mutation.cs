using System.Buffers.Binary;

namespace Milena.Kafka.Protocol.Tests.Messages;

/// <summary>Small changes of valid bytes, the kind that a parser falls for.</summary>
internal static class Mutation
{
    private static readonly byte[] Telling = [0x00, 0x01, 0x02, 0x7f, 0x80, 0xfe, 0xff];

    private static readonly int[] TellingNumbers = [int.MaxValue, int.MinValue, -1, -2, 0x10000, 0x7fff0000, 1000];

    public static byte[] Of(byte[] original, Random random)
    {
        var bytes = new List<byte>(original);
        for (int change = random.Next(1, 5); change > 0; change--)
        {
            Change(bytes, random);
        }

        return [.. bytes];
    }

    private static void Change(List<byte> bytes, Random random)
    {
        int at = random.Next(bytes.Count + 1);
        int left = bytes.Count - at;
        switch (random.Next(8))
        {
            case 0 when left > 0: bytes[at] ^= (byte)(1 << random.Next(8)); break;
            case 1 when left > 0: bytes[at] = (byte)random.Next(256); break;
            case 2 when left > 0: bytes[at] = Telling[random.Next(Telling.Length)]; break;
            case 3: bytes.Insert(at, (byte)random.Next(256)); break;
            case 4 when left > 0: bytes.RemoveRange(at, random.Next(1, Math.Min(left, 8) + 1)); break;
            case 5 when left >= 4: Overwrite(bytes, at, Number(random)); break;
            case 6: bytes.InsertRange(at, [0xff, 0xff, 0xff, 0xff, (byte)random.Next(256)]); break;
            case 7 when left > 0: bytes.InsertRange(at, bytes.GetRange(at, random.Next(1, left + 1))); break;
            default: bytes.Add((byte)random.Next(256)); break;
        }
    }

    private static byte[] Number(Random random)
    {
        byte[] number = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, TellingNumbers[random.Next(TellingNumbers.Length)]);
        return number;
    }

    private static void Overwrite(List<byte> bytes, int at, byte[] with)
    {
        for (int i = 0; i < with.Length; i++)
        {
            bytes[at + i] = with[i];
        }
    }
}
