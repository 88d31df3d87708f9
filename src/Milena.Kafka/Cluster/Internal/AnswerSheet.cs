using Milena.Kafka.Protocol;

namespace Milena.Kafka.Cluster.Internal;

/// <summary>Where an operation notes what a broker said of each of its parts.</summary>
internal sealed class AnswerSheet<TKey, TResult>
    where TKey : notnull
{
    private readonly Dictionary<TKey, (TResult Value, ErrorCode Error, string? Detail)> _rows = [];

    public void Succeed(TKey key, TResult value) => _rows[key] = (value, ErrorCode.None, null);

    /// <summary>Notes an error.</summary>
    /// <param name="key">The part.</param>
    /// <param name="error">The broker's code.</param>
    /// <param name="detail">What the broker said in words, if it did.</param>
    public void Fail(TKey key, ErrorCode error, string? detail = null) => _rows[key] = (default!, error, detail);

    /// <summary>Notes an error of the whole for each part.</summary>
    public void FailAll(IEnumerable<TKey> keys, ErrorCode error, string? detail = null)
    {
        foreach (TKey key in keys)
        {
            Fail(key, error, detail);
        }
    }

    /// <summary>Notes a value, or the error that stands in its place.</summary>
    public void Note(TKey key, ErrorCode error, string? detail, TResult value) => _rows[key] = (value, error, detail);

    public bool TryGet(TKey key, out (TResult Value, ErrorCode Error, string? Detail) row) => _rows.TryGetValue(key, out row);
}
