using System.Globalization;
using System.Text;

namespace Milena.Kafka.Benchmarks.Compression;

/// <summary>The bytes that the compression benchmarks share; the same in every run.</summary>
internal static class Payload
{
    private static readonly string[] Products = [.. Enumerable.Range(0, 200).Select(static i => Convert.ToString(i * 7919 % 99991, 16))];

    public static byte[] Create(PayloadKind kind, int size)
    {
        var random = new Random(1);
        byte[] bytes = new byte[size];
        if (kind == PayloadKind.Noise)
        {
            random.NextBytes(bytes);
            return bytes;
        }

        var text = new StringBuilder(size + 300);
        while (text.Length < size)
        {
            AppendRecord(text, random);
        }

        Encoding.ASCII.GetBytes(text.ToString().AsSpan(0, size), bytes);
        return bytes;
    }

    private static void AppendRecord(StringBuilder text, Random random) => text.Append(
        CultureInfo.InvariantCulture,
        $$"""{"id":"{{random.NextInt64():x16}}","type":"order.{{Products[random.Next(8)]}}","customer":{{random.Next(100_000)}},"total":{{random.Next(1_000_000) / 100.0:0.00}},"currency":"EUR","created":"2026-03-{{random.Next(1, 29):00}}T{{random.Next(24):00}}:{{random.Next(60):00}}:{{random.Next(60):00}}Z","lines":[{"sku":"{{Products[random.Next(200)]}}-{{random.Next(1000)}}","quantity":{{random.Next(1, 9)}}}],"paid":{{(random.Next(3) > 0 ? "true" : "false")}}}""").Append('\n');
}
