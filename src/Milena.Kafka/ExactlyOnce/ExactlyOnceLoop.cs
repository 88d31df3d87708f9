using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.ExactlyOnce.Internal;

namespace Milena.Kafka;

/// <summary>
/// Reads as a member of a group, lets a handler make records of records, and stores these together with the offsets in transactions: each record that was read counts once in the output, whatever happens to the
/// brokers and to this process.
/// </summary>
/// <typeparam name="TKey">The type of the keys that are read.</typeparam>
/// <typeparam name="TValue">The type of the values that are read.</typeparam>
/// <typeparam name="TOutKey">The type of the keys that are written.</typeparam>
/// <typeparam name="TOutValue">The type of the values that are written.</typeparam>
/// <example><code>
/// var loop = kafka.CreateExactlyOnceLoop&lt;string, Order, string, Invoice&gt;(new ExactlyOnceOptions
/// {
///     Input = { GroupId = "billing", Topics = { "orders" } },
///     Output = { TransactionalId = "billing-1" },
/// });
/// await loop.RunAsync(async (batch, output, token) =>
/// {
///     foreach (ConsumeResult&lt;string, Order&gt; order in batch)
///     {
///         await output.EnqueueAsync("invoices", order.Key, Bill(order.Value), token);
///     }
/// }, cancellationToken);
/// </code></example>
/// <remarks>
/// <para>To share the work, run several loops with the same group, in one process or in many, each with a <see cref="ProducerOptions.TransactionalId"/> of its own. Readers of the output must be set to
/// <see cref="Protocol.IsolationLevel.ReadCommitted"/>. What the handler does outside of Kafka is done again when its batch comes again.</para>
/// <para>A transaction takes batches for <see cref="ExactlyOnceOptions.CommitInterval"/>. It is committed before partitions that it has read from go to another member, and aborted if they are gone already, if the handler
/// throws, or if the brokers refuse a record; then reading goes back to where the transaction began. If the coordinator does not confirm a commit, the loop waits until it says how the transaction ended.</para>
/// </remarks>
public sealed class ExactlyOnceLoop<TKey, TValue, TOutKey, TOutValue>
{
    private readonly ExactlyOnceOptions _options;
    private readonly KafkaCluster _cluster;
    private readonly Func<ConsumerOptions, Consumer<TKey, TValue>> _createConsumer;
    private readonly Func<Producer<TOutKey, TOutValue>> _createProducer;
    private int _isRunning;

    internal ExactlyOnceLoop(
        ExactlyOnceOptions options, KafkaCluster cluster, Func<ConsumerOptions, Consumer<TKey, TValue>> createConsumer, Func<ProducerOptions, Producer<TOutKey, TOutValue>> createProducer)
    {
        _options = options;
        _cluster = cluster;
        _createConsumer = createConsumer;
        _createProducer = () => createProducer(options.Output);
    }

    /// <summary>Raised when a transaction has ended, once for each, in order. Runs within the loop and must be quick; what it throws is logged.</summary>
    public event EventHandler<LoopTransaction>? TransactionEnded;

    /// <summary>Runs the loop until a token is set off.</summary>
    /// <param name="handler">
    /// Gets a batch, which is valid until it returns, and where its output goes. Its token is set off when what it does does not count any more: the partition has gone to another member, or
    /// <see cref="ExactlyOnceOptions.StopTimeout"/> is over.
    /// </param>
    /// <param name="cancellationToken">
    /// Stops: no further batch is begun; a handler that runs may end, and what is finished is committed, all within <see cref="ExactlyOnceOptions.StopTimeout"/>; then it is aborted. The task ends well.
    /// </param>
    /// <exception cref="InvalidOperationException">The loop runs already.</exception>
    /// <exception cref="ProcessingException">The handler failed, and the policy is to stop.</exception>
    /// <exception cref="SerializationException">A record cannot be read, and the policy is to throw.</exception>
    /// <exception cref="DeadLetterException">A record could not be sent on.</exception>
    /// <exception cref="ProducerFencedException">Another loop has the same transactional id, or a transaction took longer than <see cref="ProducerOptions.TransactionTimeout"/>.</exception>
    /// <exception cref="TransactionException">A record was refused for good that the handler had produced and not awaited; nothing of its transaction counts.</exception>
    /// <exception cref="UnsupportedVersionException">The brokers know no transactions, or are older than 2.5 and cannot check the membership of who commits (KIP-447).</exception>
    /// <exception cref="KafkaException">Reading failed, as in <see cref="Consumer{TKey, TValue}.ConsumeAsync"/>, or the cluster denied access.</exception>
    /// <remarks>However it ends, its last transaction is over, and its consumer has left the group. It may be run again.</remarks>
    public async Task RunAsync(Func<ConsumeBatch<TKey, TValue>, TransactionOutput<TOutKey, TOutValue>, CancellationToken, ValueTask> handler, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(handler);
        if (Interlocked.Exchange(ref _isRunning, 1) != 0)
        {
            throw new InvalidOperationException("The loop runs already. To share the work, make another loop with a TransactionalId of its own.");
        }

        try
        {
            KafkaClientOptions client = _cluster.Options;
            ILogger log = client.LoggerFactory.CreateLogger("Milena.Kafka.ExactlyOnce");
            using var tokens = new LoopTokens(_options.StopTimeout, client.TimeProvider, cancellationToken);
            var control = new LoopControl(new LoopMachine(_options.CommitInterval), _options.Input.RebalanceListener);
            var observer = new LoopObserver(client, _options, log, ended => TransactionEnded?.Invoke(this, ended));
            var parts = new LoopParts<TKey, TValue, TOutKey, TOutValue>(_options, _cluster, CreateConsumer, _createProducer, handler, log);
            var run = new LoopRun<TKey, TValue, TOutKey, TOutValue>(parts, control, observer, tokens);
            await using ConfiguredAsyncDisposable closing = run.ConfigureAwait(false);
            await run.RunAsync().ConfigureAwait(false);
        }
        finally
        {
            Volatile.Write(ref _isRunning, 0);
        }
    }

    private Consumer<TKey, TValue> CreateConsumer(IRebalanceListener listener)
    {
        ConsumerOptions input = _options.Input.Clone();
        input.AutoCommit = AutoCommitMode.Off;
        input.IsolationLevel = Protocol.IsolationLevel.ReadCommitted;
        input.RebalanceListener = listener;
        input.PoisonRecords = PoisonPolicy.Throw;
        return _createConsumer(input);
    }
}
