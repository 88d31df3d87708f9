namespace Milena.Kafka.Compression.Tests.Support;

/// <summary>One generated input and how to make it again.</summary>
public sealed record CorpusInput(CorpusKind Kind, int Size, int Seed, byte[] Bytes)
{
    public override string ToString() => $"{Kind}, {Size} bytes, seed {Seed}";
}
