using System.Collections;

namespace Milena.Kafka;

/// <summary>What became of each record of <see cref="Producer{TKey, TValue}.ProduceManyAsync"/>, in the order of the call.</summary>
public sealed class ProduceManyResult : IReadOnlyList<RecordOutcome>
{
    private readonly RecordOutcome[] _outcomes;

    internal ProduceManyResult(RecordOutcome[] outcomes)
    {
        _outcomes = outcomes;
        StoredCount = outcomes.Count(static o => o.IsStored);
    }

    /// <summary>The number of records.</summary>
    public int Count => _outcomes.Length;

    /// <summary>How many are stored.</summary>
    public int StoredCount { get; }

    /// <summary>Whether all are stored.</summary>
    public bool AllStored => StoredCount == Count;

    /// <summary>What became of a record.</summary>
    /// <param name="index">Its place in the call, from 0.</param>
    public RecordOutcome this[int index] => _outcomes[index];

    /// <summary>Throws if not all records are stored.</summary>
    /// <exception cref="AggregateException">The failures, each once however many records share it.</exception>
    public void ThrowIfAnyFailed()
    {
        if (!AllStored)
        {
            throw new AggregateException($"{Count - StoredCount} of {Count} records were not delivered.", _outcomes.Where(static o => !o.IsStored).Select(static o => o.Failure!).Distinct());
        }
    }

    /// <inheritdoc/>
    public IEnumerator<RecordOutcome> GetEnumerator() => ((IEnumerable<RecordOutcome>)_outcomes).GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
