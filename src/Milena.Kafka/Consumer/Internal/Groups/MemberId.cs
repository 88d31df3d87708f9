using System.Buffers.Text;

namespace Milena.Kafka.Consumer.Internal.Groups;

/// <summary>Makes ids of members, which since KIP-1082 clients do: a random UUID, written as Kafka writes them.</summary>
internal static class MemberId
{
    private const int Length = 16;

    public static string Create(Random random)
    {
        Span<byte> bytes = stackalloc byte[Length];
        do
        {
            lock (random)
            {
                random.NextBytes(bytes);
            }

            // A variant 1 UUID of version 4.
            bytes[6] = (byte)((bytes[6] & 0x0F) | 0x40);
            bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        }
        while (bytes[0] >> 2 == 62);

        return Base64Url.EncodeToString(bytes);
    }
}
