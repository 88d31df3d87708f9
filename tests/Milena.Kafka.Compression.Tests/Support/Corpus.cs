using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Milena.Kafka.Compression.Tests.Support;

/// <summary>Makes inputs from a seed: the same seed gives the same bytes.</summary>
public static class Corpus
{
    /// <summary>The largest input that is made.</summary>
    public const int MaxSize = 4 * 1024 * 1024;

    private static readonly string[] Words =
        [.. Enumerable.Range(0, 600).Select(static i => Convert.ToString(i * 7919 % 99991, 16) + "aeiou"[i % 5] + "rstln"[i % 7 % 5])];

    private static readonly CorpusKind[] Kinds = Enum.GetValues<CorpusKind>();

    /// <summary>Bytes of one kind.</summary>
    public static byte[] Create(CorpusKind kind, int size, int seed = 1)
    {
        var random = new Random(seed);
        byte[] bytes = new byte[size];
        switch (kind)
        {
            case CorpusKind.Text:
                FillText(bytes, random, static (text, random) => text.Append(Words[random.Next(random.Next(1, Words.Length))]).Append(' '));
                break;
            case CorpusKind.Json:
                FillText(bytes, random, AppendJson);
                break;
            case CorpusKind.Binary:
                FillBinary(bytes, random);
                break;
            case CorpusKind.Runs:
                FillRuns(bytes, random);
                break;
            default:
                random.NextBytes(bytes);
                break;
        }

        return bytes;
    }

    /// <summary>Many inputs of all kinds, 0 B to 4 MiB: most below 4 KiB, one in ten up to 64 KiB, one in a hundred larger.</summary>
    public static IEnumerable<CorpusInput> Inputs(int count, int seed)
    {
        var random = new Random(seed);
        for (int i = 0; i < count; i++)
        {
            CorpusKind kind = Kinds[random.Next(Kinds.Length)];
            int size = i switch
            {
                < 100 => i,
                100 => MaxSize,
                _ => NextSize(random),
            };
            int inputSeed = random.Next();
            yield return new CorpusInput(kind, size, inputSeed, Create(kind, size, inputSeed));
        }
    }

    private static int NextSize(Random random)
    {
        double exponent = random.Next(100) switch
        {
            0 => 16 + (random.NextDouble() * 6),
            < 10 => 12 + (random.NextDouble() * 4),
            _ => random.NextDouble() * 12,
        };
        return (int)Math.Pow(2, exponent);
    }

    private static void FillText(byte[] bytes, Random random, Action<StringBuilder, Random> append)
    {
        var text = new StringBuilder();
        int filled = 0;
        while (filled < bytes.Length)
        {
            text.Clear();
            append(text, random);
            int count = Math.Min(text.Length, bytes.Length - filled);
            filled += Encoding.ASCII.GetBytes(text.ToString().AsSpan(0, count), bytes.AsSpan(filled));
        }
    }

    private static void AppendJson(StringBuilder text, Random random) => text.Append(
        CultureInfo.InvariantCulture,
        $$"""{"id":"{{random.NextInt64():x16}}","type":"order.{{Words[random.Next(8)]}}","customer":{{random.Next(100_000)}},"total":{{random.Next(1_000_000) / 100.0:0.00}},"currency":"EUR","created":"2026-03-{{random.Next(1, 29):00}}T{{random.Next(24):00}}:{{random.Next(60):00}}:{{random.Next(60):00}}Z","lines":[{"sku":"{{Words[random.Next(200)]}}-{{random.Next(1000)}}","quantity":{{random.Next(1, 9)}}}],"paid":{{(random.Next(3) > 0 ? "true" : "false")}}}""").Append('\n');

    private static void FillBinary(byte[] bytes, Random random)
    {
        Span<byte> row = stackalloc byte[24];
        long key = random.NextInt64(1 << 40);
        for (int at = 0; at < bytes.Length; at += row.Length)
        {
            BinaryPrimitives.WriteInt64LittleEndian(row, key += random.Next(100));
            BinaryPrimitives.WriteInt64LittleEndian(row[8..], random.Next(4) == 0 ? random.NextInt64() : 0);
            BinaryPrimitives.WriteInt32LittleEndian(row[16..], random.Next(1000));
            BinaryPrimitives.WriteSingleLittleEndian(row[20..], random.Next(50) * 0.25f);
            row[..Math.Min(row.Length, bytes.Length - at)].CopyTo(bytes.AsSpan(at));
        }
    }

    private static void FillRuns(byte[] bytes, Random random)
    {
        int at = 0;
        while (at < bytes.Length)
        {
            int length = Math.Min((int)Math.Pow(2, random.NextDouble() * random.Next(1, 18)), bytes.Length - at);
            int period = random.Next(1, 12);
            for (int i = 0; i < length; i++)
            {
                bytes[at + i] = i < period ? (byte)random.Next(256) : bytes[at + i - period];
            }

            at += length;
        }
    }
}
