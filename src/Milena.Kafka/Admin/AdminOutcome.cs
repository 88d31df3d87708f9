using Milena.Kafka.Cluster.Internal;

namespace Milena.Kafka;

/// <summary>What became of each resource of a call that changes something: one that failed does not hide the others.</summary>
/// <typeparam name="TKey">What names a resource, such as a topic.</typeparam>
public class AdminOutcome<TKey>
    where TKey : notnull
{
    private protected AdminOutcome(IReadOnlyCollection<TKey> succeeded, IReadOnlyDictionary<TKey, KafkaException> failures)
    {
        Succeeded = succeeded;
        Failures = failures;
    }

    /// <summary>The resources with which all went well.</summary>
    public IReadOnlyCollection<TKey> Succeeded { get; }

    /// <summary>The resources that failed, each with the reason.</summary>
    public IReadOnlyDictionary<TKey, KafkaException> Failures { get; }

    /// <summary>Makes the failure of any resource the caller's.</summary>
    /// <exception cref="KafkaException">The only failure; or one that tells them all, with the code of the first, which is its inner exception.</exception>
    public void ThrowIfAnyFailed()
    {
        if (Failures.Count == 0)
        {
            return;
        }

        KafkaException first = Failures.Values.First();
        throw Failures.Count == 1
            ? first
            : new KafkaException(first.Code, $"{Failures.Count} of {Failures.Count + Succeeded.Count} failed. {string.Join(' ', Failures.Values.Select(f => f.Message))}", first);
    }

    internal static AdminOutcome<TKey> From(IReadOnlyDictionary<TKey, Answer<bool>> answers) => new([.. Successes(answers)], FailuresOf(answers));

    private protected static IEnumerable<TKey> Successes<TResult>(IReadOnlyDictionary<TKey, Answer<TResult>> answers) =>
        answers.Where(a => a.Value.Failure is null).Select(a => a.Key);

    private protected static Dictionary<TKey, KafkaException> FailuresOf<TResult>(IReadOnlyDictionary<TKey, Answer<TResult>> answers) =>
        answers.Where(a => a.Value.Failure is not null).ToDictionary(a => a.Key, a => a.Value.Failure!);
}
