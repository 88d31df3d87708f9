using Milena.Kafka.Protocol;

namespace Milena.Kafka.LoadTest;

/// <summary>What a run is to do, as the command line said it.</summary>
internal sealed record LoadSettings
{
    public required ClientKind Client { get; init; }

    /// <summary>The cluster; null for an embedded one in another process.</summary>
    public required string? Bootstrap { get; init; }

    /// <summary>Whether the listeners of the embedded cluster speak TLS.</summary>
    public bool Tls { get; init; }

    /// <summary>Brokers of the embedded cluster.</summary>
    public required int Brokers { get; init; }

    public required string Topic { get; init; }

    public required long Records { get; init; }

    /// <summary>Bytes of a value.</summary>
    public required int Size { get; init; }

    public required int Partitions { get; init; }

    public Acks Acks { get; init; } = Acks.All;

    public CompressionType Compression { get; init; }

    /// <summary>Records per second that are due; 0 for as fast as they go.</summary>
    public double Rate { get; init; }

    /// <summary>Records before the timed part.</summary>
    public long Warmup { get; init; }

    /// <summary>0 enqueues and flushes; more awaits the deliveries in groups of so many.</summary>
    public int Await { get; init; }

    /// <summary>Calling threads.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Different keys; 0 for records without a key.</summary>
    public int Keys { get; init; }

    /// <summary>Null for the client's own default.</summary>
    public TimeSpan? Linger { get; init; }

    /// <summary>Bytes; null for the client's own default.</summary>
    public int? BatchSize { get; init; }

    /// <summary>How long the timed part goes on, whatever <see cref="Records"/> says; null for until they are through.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>One record of so many has its latency measured; 0 chooses by the rate.</summary>
    public int Sample { get; init; }

    /// <summary>How the consumer hands records out.</summary>
    public ConsumeMode Mode { get; init; }

    public int SampleEvery => Sample > 0 ? Sample
        : Await == 1 ? 1
        : Rate > 0 ? Math.Max(1, (int)(Rate / 10_000))
        : Await > 0 ? Math.Min(64, Await)
        : 8192;
}
