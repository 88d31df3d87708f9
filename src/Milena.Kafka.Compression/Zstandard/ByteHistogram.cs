namespace Milena.Kafka.Compression.Zstandard;

/// <summary>How often each byte occurs.</summary>
internal sealed class ByteHistogram
{
    private const int Bytes = 256;

    // Four counters for each byte, so that a run of one byte does not wait for its own counter.
    private readonly int[] _counters = new int[4 * Bytes];

    public ReadOnlySpan<int> Counts => _counters.AsSpan(0, Bytes);

    /// <summary>The count of the most frequent byte.</summary>
    public int Largest { get; private set; }

    public void Count(ReadOnlySpan<byte> source)
    {
        Span<int> first = _counters.AsSpan(0, Bytes);
        Span<int> second = _counters.AsSpan(Bytes, Bytes);
        Span<int> third = _counters.AsSpan(2 * Bytes, Bytes);
        Span<int> fourth = _counters.AsSpan(3 * Bytes, Bytes);
        _counters.AsSpan().Clear();
        int i = 0;
        for (; i < source.Length - 3; i += 4)
        {
            first[source[i]]++;
            second[source[i + 1]]++;
            third[source[i + 2]]++;
            fourth[source[i + 3]]++;
        }

        for (; i < source.Length; i++)
        {
            first[source[i]]++;
        }

        Largest = 0;
        for (int value = 0; value < Bytes; value++)
        {
            first[value] += second[value] + third[value] + fourth[value];
            Largest = Math.Max(Largest, first[value]);
        }
    }
}
