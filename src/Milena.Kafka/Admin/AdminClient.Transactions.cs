using Milena.Kafka.Admin.Internal;
using Milena.Kafka.Admin.Internal.Transactions;
using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;

namespace Milena.Kafka;

/// <content>Transactions.</content>
public sealed partial class AdminClient
{
    /// <summary>Lists the transactional ids of the cluster (KIP-664). Every broker is asked for its own; they must be from 3.0.</summary>
    /// <param name="options">Which ones, and how the call is carried out.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The transactional ids that this client may describe. Brokers that could not be asked are in its failures.</returns>
    /// <exception cref="KafkaException">The brokers of the cluster could not be learnt.</exception>
    public Task<AdminListing<TransactionListing>> ListTransactionsAsync(ListTransactionsOptions? options = null, CancellationToken cancellationToken = default) =>
        ListAsync(new ListTransactionsOperation(options ?? new ListTransactionsOptions()), options, cancellationToken);

    /// <summary>Tells where transactional ids stand (KIP-664). Needs brokers from 3.0.</summary>
    /// <param name="transactionalIds">The transactional ids.</param>
    /// <param name="options">How the call is carried out.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>An answer for each: <c>TRANSACTIONAL_ID_NOT_FOUND</c> for one that no producer has used lately.</returns>
    public Task<AdminResults<string, TransactionDescription>> DescribeTransactionsAsync(
        IEnumerable<string> transactionalIds, AdminOptions? options = null, CancellationToken cancellationToken = default) =>
        AskAsync(new DescribeTransactionsOperation(_cluster.Coordinators), transactionalIds, options, cancellationToken);

    /// <summary>Tells which producers have written to partitions lately, and which transactions are open there (KIP-664). Needs brokers from 2.8.</summary>
    /// <param name="partitions">The partitions.</param>
    /// <param name="options">Which replica is asked, and how the call is carried out.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>An answer for each partition.</returns>
    public Task<AdminResults<TopicPartition, IReadOnlyList<ProducerState>>> DescribeProducersAsync(
        IEnumerable<TopicPartition> partitions, DescribeProducersOptions? options = null, CancellationToken cancellationToken = default) =>
        AskAsync(new DescribeProducersOperation(options?.BrokerId), partitions, options, cancellationToken);

    /// <summary>Aborts a transaction in one partition without its coordinator, for one that the coordinator has lost (KIP-664).</summary>
    /// <param name="transaction">The transaction, as <see cref="DescribeProducersAsync"/> tells it.</param>
    /// <param name="options">How the call is carried out.</param>
    /// <param name="cancellationToken">Ends the waiting; it may be aborted all the same.</param>
    /// <remarks>Of a transaction that the coordinator still runs this makes half an aborted one: <see cref="ForceTerminateTransactionAsync"/> ends those.</remarks>
    /// <exception cref="KafkaException">The producer has another epoch by now (<c>INVALID_PRODUCER_EPOCH</c>), or this client may not do it.</exception>
    public async Task AbortTransactionAsync(HangingTransaction transaction, AdminOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        (await ChangeAsync(new AbortTransactionOperation(), [transaction], options, cancellationToken).ConfigureAwait(false)).ThrowIfAnyFailed();
    }

    /// <summary>Aborts the transaction that begins at an offset of a partition, without its coordinator, as <c>kafka-transactions.sh abort</c> does.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="startOffset">The offset of the transaction's first record there.</param>
    /// <param name="options">How the call is carried out.</param>
    /// <param name="cancellationToken">Ends the waiting; it may be aborted all the same.</param>
    /// <returns>What was aborted.</returns>
    /// <exception cref="KafkaException">No transaction is open that begins there, or this client may not abort it.</exception>
    public async Task<HangingTransaction> AbortTransactionAsync(
        TopicPartition partition, long startOffset, AdminOptions? options = null, CancellationToken cancellationToken = default)
    {
        var deadline = new Deadline(_cluster.Options.TimeProvider, LimitOf(options));
        Dictionary<TopicPartition, Answer<IReadOnlyList<ProducerState>>> found =
            await _cluster.Driver.RunAsync(new DescribeProducersOperation(null), [partition], deadline.Left, cancellationToken).ConfigureAwait(false);
        ProducerState producer = found[partition].Value.FirstOrDefault(one => one.TransactionStartOffset == startOffset)
            ?? throw new KafkaException(ErrorCode.InvalidTxnState, $"No transaction is open in {partition} that begins at offset {startOffset}.");
        var transaction = new HangingTransaction(partition, producer.ProducerId, (short)producer.ProducerEpoch, producer.CoordinatorEpoch ?? 0);
        await AbortTransactionAsync(transaction, new AdminOptions { Timeout = deadline.Left }, cancellationToken).ConfigureAwait(false);
        return transaction;
    }

    /// <summary>Fences all producers of transactional ids and aborts what they have open (KIP-588).</summary>
    /// <param name="transactionalIds">The transactional ids.</param>
    /// <param name="options">How the call is carried out.</param>
    /// <param name="cancellationToken">Ends the waiting; producers may be fenced all the same.</param>
    /// <returns>For each the identity below which everyone is fenced.</returns>
    public Task<AdminResults<string, FencedProducer>> FenceProducersAsync(
        IEnumerable<string> transactionalIds, AdminOptions? options = null, CancellationToken cancellationToken = default) =>
        AskAsync(new FenceProducersOperation(BrokerLimitOf(options)), transactionalIds, options, cancellationToken);

    /// <summary>Ends the open transaction of a transactional id by aborting it, also one that was prepared for a second phase (KIP-939), and fences its producer.</summary>
    /// <param name="transactionalId">The transactional id.</param>
    /// <param name="options">How the call is carried out.</param>
    /// <param name="cancellationToken">Ends the waiting; it may be ended all the same.</param>
    /// <exception cref="KafkaException">This client may not write under the transactional id, or the coordinator could not be asked.</exception>
    public async Task ForceTerminateTransactionAsync(string transactionalId, AdminOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(transactionalId);
        (await FenceProducersAsync([transactionalId], options, cancellationToken).ConfigureAwait(false)).ThrowIfAnyFailed();
    }
}
