using System.Buffers.Binary;

namespace Milena.Kafka.Compression.Tests.Support;

/// <summary>Feeds damaged streams to a decoder. The only exception that may come out is <see cref="InvalidDataException"/>.</summary>
public static class Mutations
{
    private static readonly uint[] Telling = [0, 1, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff];

    /// <summary>Decodes every proper prefix of a stream.</summary>
    /// <param name="codec">The decoder.</param>
    /// <param name="stream">A whole stream.</param>
    /// <param name="limit">The output limit.</param>
    /// <param name="isWhole">Lengths at which the prefix is a whole stream itself and may be decoded; none if left out.</param>
    public static void EveryTruncationIsCorrupt(ICompressionCodec codec, byte[] stream, int limit, Func<int, bool>? isWhole = null)
    {
        using var input = new GuardedMemory(Math.Max(stream.Length, 1));
        using var output = new GuardedWriter(limit);
        for (int length = 0; length < stream.Length; length++)
        {
            Memory<byte> cut = input.Last(length);
            stream.AsSpan(0, length).CopyTo(cut.Span);
            output.Reset();
            bool isCorrupt = !TryDecode(codec, cut, output, limit, $"{length} of {stream.Length} bytes");
            if (!isCorrupt && isWhole?.Invoke(length) != true)
            {
                Assert.Fail($"{length} of {stream.Length} bytes were taken for a whole stream.");
            }
        }
    }

    /// <summary>Decodes damaged copies of the streams.</summary>
    /// <returns>How many were recognised as corrupt.</returns>
    public static int Run(ICompressionCodec codec, IReadOnlyList<byte[]> streams, int count, int limit, int seed, CancellationToken cancellationToken)
    {
        var random = new Random(seed);
        int corrupt = 0;
        using var input = new GuardedMemory((streams.Max(static stream => stream.Length) * 2) + 64);
        using var output = new GuardedWriter(limit);
        byte[] work = new byte[input.Capacity];
        for (int i = 0; i < count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            byte[] stream = streams[random.Next(streams.Count)];
            int length = Mutate(stream, work, streams[random.Next(streams.Count)], random);
            Memory<byte> mutated = (i & 1) == 0 ? input.Last(length) : input.First(length);
            work.AsSpan(0, length).CopyTo(mutated.Span);
            output.Reset();
            corrupt += TryDecode(codec, mutated, output, limit, $"mutation {i} of seed {seed}") ? 0 : 1;
        }

        return corrupt;
    }

    private static bool TryDecode(ICompressionCodec codec, ReadOnlyMemory<byte> stream, GuardedWriter output, int limit, string what)
    {
        try
        {
            codec.Decompress(stream, output, limit);
            return true;
        }
        catch (InvalidDataException)
        {
            return false;
        }
        catch (Exception exception) when (exception is not ResultStateException)
        {
            Assert.Fail($"{what}: {exception}\n{Convert.ToHexString(stream.Span[..Math.Min(stream.Length, 4096)])}");
            throw;
        }
    }

    private static int Mutate(byte[] stream, byte[] work, byte[] other, Random random)
    {
        stream.CopyTo(work, 0);
        int length = stream.Length;
        int changes = random.Next(4) == 0 ? random.Next(2, 8) : 1;
        for (int i = 0; i < changes && length > 0; i++)
        {
            length = Change(work, length, other, random);
        }

        return length;
    }

    private static int Change(byte[] work, int length, byte[] other, Random random)
    {
        // Headers decide most: half of the changes hit the first bytes.
        int at = random.Next(2) == 0 ? random.Next(length) : random.Next(Math.Min(length, 24));
        switch (random.Next(8))
        {
            case 0:
                work[at] ^= (byte)(1 << random.Next(8));
                return length;
            case 1:
                work[at] = (byte)random.Next(256);
                return length;
            case 2:
                work[at] = (byte)(work[at] + random.Next(-2, 3));
                return length;
            case 3:
                Span<byte> number = stackalloc byte[4];
                BinaryPrimitives.WriteUInt32LittleEndian(number, Telling[random.Next(Telling.Length)]);
                number[..Math.Min(4, length - at)].CopyTo(work.AsSpan(at));
                return length;
            case 4:
                return at;
            case 5:
                int removed = Math.Min(random.Next(1, 9), length - at);
                work.AsSpan(at + removed, length - at - removed).CopyTo(work.AsSpan(at));
                return length - removed;
            case 6:
                int added = Math.Min(random.Next(1, 9), work.Length - length);
                work.AsSpan(at, length - at).CopyTo(work.AsSpan(at + added));
                random.NextBytes(work.AsSpan(at, added));
                return length + added;
            default:
                int from = random.Next(other.Length);
                int count = Math.Min(random.Next(1, 64), Math.Min(other.Length - from, length - at));
                other.AsSpan(from, count).CopyTo(work.AsSpan(at));
                return length;
        }
    }
}
