using Milena.Kafka.Cluster.Internal;

namespace Milena.Kafka;

/// <summary>What all brokers listed together, each its own: a broker that failed does not hide what the others know.</summary>
/// <typeparam name="T">What is listed.</typeparam>
public sealed class AdminListing<T> : AdminOutcome<int>
{
    private AdminListing(IReadOnlyDictionary<int, Answer<IReadOnlyList<T>>> answers)
        : base([.. Successes(answers)], FailuresOf(answers)) =>
        Items = [.. answers.Where(a => a.Value.Failure is null).OrderBy(a => a.Key).SelectMany(a => a.Value.Value)];

    /// <summary>What was listed. It is complete if <see cref="AdminOutcome{TKey}.Failures"/>, by broker id, is empty.</summary>
    public IReadOnlyList<T> Items { get; }

    internal static AdminListing<T> From(IReadOnlyDictionary<int, Answer<IReadOnlyList<T>>> answers) => new(answers);
}
