namespace Milena.Kafka.Tests.Interop;

/// <summary>A record as a client from npm takes and gives it. What is null when producing is left to that client.</summary>
internal sealed record NodeRecord
{
    public int? Partition { get; init; }

    public long? Offset { get; init; }

    /// <summary>Milliseconds since 1970.</summary>
    public long? Timestamp { get; init; }

    public byte[]? Key { get; init; }

    public byte[]? Value { get; init; }

    /// <summary>A name that occurs more than once has more than one value.</summary>
    public Dictionary<string, byte[]?[]> Headers { get; init; } = [];
}
