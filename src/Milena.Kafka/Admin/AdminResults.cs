using Milena.Kafka.Cluster.Internal;

namespace Milena.Kafka;

/// <summary>What a call learnt of each resource: one that failed does not hide the others.</summary>
/// <typeparam name="TKey">What names a resource, such as a topic.</typeparam>
/// <typeparam name="TResult">What is learnt of it.</typeparam>
public sealed class AdminResults<TKey, TResult> : AdminOutcome<TKey>
    where TKey : notnull
{
    private AdminResults(IReadOnlyDictionary<TKey, TResult> values, IReadOnlyDictionary<TKey, KafkaException> failures)
        : base([.. values.Keys], failures) => Values = values;

    /// <summary>What was learnt of each resource with which all went well.</summary>
    public IReadOnlyDictionary<TKey, TResult> Values { get; }

    /// <summary>What was learnt of a resource.</summary>
    /// <param name="key">One of the resources of the call.</param>
    /// <exception cref="KafkaException">This resource failed.</exception>
    /// <exception cref="KeyNotFoundException">The call was not about it.</exception>
    public TResult this[TKey key] => Failures.TryGetValue(key, out KafkaException? failure) ? throw failure : Values[key];

    internal static AdminResults<TKey, TResult> From(IReadOnlyDictionary<TKey, Answer<TResult>> answers) =>
        new(Successes(answers).ToDictionary(key => key, key => answers[key].Value), FailuresOf(answers));
}
