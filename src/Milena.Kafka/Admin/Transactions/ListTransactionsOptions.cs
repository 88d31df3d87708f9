namespace Milena.Kafka;

/// <summary>Which transactional ids are listed. What is left as it is lets all pass.</summary>
public sealed class ListTransactionsOptions : AdminOptions
{
    /// <summary>Only those in these states.</summary>
    /// <value>Empty: all.</value>
    public IReadOnlyCollection<TransactionState> States { get; init; } = [];

    /// <summary>Only those of producers with these ids.</summary>
    /// <value>Empty: all.</value>
    public IReadOnlyCollection<long> ProducerIds { get; init; } = [];

    /// <summary>Only those whose transaction has run for longer than this.</summary>
    /// <value>Null: all. Needs brokers from 3.8 (KIP-994).</value>
    public TimeSpan? RunningLongerThan { get; init; }

    /// <summary>Only those whose whole transactional id matches this regular expression, in the syntax of RE2.</summary>
    /// <value>Null: all. Needs brokers from 4.1 (KIP-1152).</value>
    public string? IdPattern { get; init; }
}
