namespace Milena.Kafka;

/// <summary>No broker of the cluster could be reached. The message lists each address that was tried and why it failed.</summary>
public sealed class ClusterUnreachableException : KafkaException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="failures">Why each address failed.</param>
    public ClusterUnreachableException(IReadOnlyList<KeyValuePair<string, Exception>> failures) : base(Describe(failures))
    {
        Failures = failures;
    }

    /// <summary>Each address that was tried, and why it failed.</summary>
    public IReadOnlyList<KeyValuePair<string, Exception>> Failures { get; }

    /// <inheritdoc/>
    public override bool IsRetriable => true;

    private static string Describe(IReadOnlyList<KeyValuePair<string, Exception>> failures)
    {
        ArgumentNullException.ThrowIfNull(failures);
        IEnumerable<string> lines = failures.Select(f => $"  {f.Key}: {f.Value.Message}");
        return $"No broker could be reached. Tried:{Environment.NewLine}{string.Join(Environment.NewLine, lines)}";
    }
}
