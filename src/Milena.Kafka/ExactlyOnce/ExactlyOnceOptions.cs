using Milena.Kafka.Common;

namespace Milena.Kafka;

/// <summary>How an <see cref="ExactlyOnceLoop{TKey, TValue, TOutKey, TOutValue}"/> reads, writes and commits. Copied when the loop is made.</summary>
/// <example><code>new ExactlyOnceOptions
/// {
///     Input = { GroupId = "billing", Topics = { "orders" } },
///     Output = { TransactionalId = "billing-1" },
/// }</code></example>
public sealed class ExactlyOnceOptions
{
    /// <summary>What is read: the group and its topics, and how.</summary>
    /// <value>
    /// <see cref="ConsumerOptions.GroupId"/> and the topics must be named. The loop itself sees to <see cref="ConsumerOptions.AutoCommit"/>, which is off: offsets are committed in the transactions;
    /// and to <see cref="ConsumerOptions.IsolationLevel"/>: only committed records are read.
    /// </value>
    /// <remarks><see cref="ConsumerOptions.PoisonRecords"/> is part of the transaction too: a dead letter is stored if and only if the offset behind it is.</remarks>
    public ConsumerOptions Input
    {
        get;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            field = value;
        }
    }

    = new();

    /// <summary>What is written.</summary>
    /// <value>
    /// <see cref="ProducerOptions.TransactionalId"/> must be named: the same after a restart, and another one for each worker of the group (such as <c>billing-1</c>, <c>billing-2</c>). It need not have to do
    /// with partitions (KIP-447).
    /// </value>
    public ProducerOptions Output
    {
        get;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            field = value;
        }
    }

    = new();

    /// <summary>How long a transaction takes batches before it is committed.</summary>
    /// <value>100 ms. Zero commits after each batch. It is what readers of the output wait at most, beside the handler; a commit costs some round trips, so that more in a transaction is faster.</value>
    /// <remarks>Kafka Streams calls this <c>commit.interval.ms</c>.</remarks>
    public TimeSpan CommitInterval { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>What happens when the handler throws: the transaction is aborted in any case, and its batches come again.</summary>
    /// <value><see cref="FailurePolicy.Stop"/>: the loop ends with a <see cref="ProcessingException"/>.</value>
    /// <remarks>
    /// With <see cref="FailurePolicy.Retry"/> the batch comes again after the pause. <see cref="FailurePolicy.Skip"/> and <see cref="FailurePolicy.DeadLetter"/> are for single records: a batch that failed comes again record by
    /// record, and the one whose handler throws then is left out, or sent on within the transaction. Retry topics are for <see cref="Consumer{TKey, TValue}.RunAsync"/>, which waits until records are due.
    /// Failures of the brokers are no matter of this policy: what can heal is done again.
    /// </remarks>
    public FailurePolicy OnFailure { get; set; } = FailurePolicy.Stop;

    /// <summary>How long a handler may go on, and its transaction take to commit, when the loop is stopped. Then the handler's token is set off and the transaction is aborted.</summary>
    /// <value>30 s.</value>
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(30);

    internal ExactlyOnceOptions Clone()
    {
        var copy = (ExactlyOnceOptions)MemberwiseClone();
        copy.Input = Input.Clone();
        copy.Output = Output.Clone();
        return copy;
    }

    internal void Validate()
    {
        Input.Validate();
        new OptionFaults(nameof(ExactlyOnceOptions))
            .Require(Input.IsSubscribed, "Input names no topics; set Input.GroupId and Input.Topics.")
            .Require(Input.AutoCommit is AutoCommitMode.AtLeastOnce or AutoCommitMode.Off, $"Input.AutoCommit is {Input.AutoCommit}, but offsets are committed in the transactions; leave it as it is.")
            .Require(Output.TransactionalId is not null, "Output.TransactionalId is null; give each worker a name of its own that stays the same after a restart.")
            .RequireNotNegative(CommitInterval, nameof(CommitInterval))
            .Require(CommitInterval < Output.TransactionTimeout, $"CommitInterval is {CommitInterval}; it must be below Output.TransactionTimeout ({Output.TransactionTimeout}), when the coordinator aborts.")
            .Require(OnFailure is not null, "OnFailure is null; choose a policy.")
            .Require(OnFailure?.MayDelay != true, "OnFailure sends to a retry topic, which only Consumer.RunAsync reads in due time; choose Retry, Skip or DeadLetter.")
            .RequireNotNegative(StopTimeout, nameof(StopTimeout))
            .ThrowIfAny();
    }
}
