using System.CommandLine;
using Milena.Kafka.Cli.Output;
using Milena.Kafka.Cli.Settings;

namespace Milena.Kafka.Cli.Commands.Admin;

/// <summary><c>milena transactions</c>.</summary>
internal static class TransactionsCommand
{
    public static Command Create() => new("transactions", "Shows transactions and ends those that hang.")
    {
        CreateList(),
        CreateDescribe(),
        CreateProducers(),
        CreateAbort(),
        CreateFence(),
        CreateTerminate(),
    };

    private static Argument<string[]> Ids() => new("TRANSACTIONAL-ID") { Description = "The transactional ids.", Arity = ArgumentArity.OneOrMore };

    private static Verb CreateList()
    {
        var states = new Option<TransactionState[]>("--state") { Description = "Only in this state; may be given again." };
        var longer = new Option<string?>("--longer-than") { Description = "Only those that have been running longer, as ISO 8601.", HelpName = "DURATION" };
        var pattern = new Option<string?>("--pattern") { Description = "Only ids that match this regular expression (RE2).", HelpName = "REGEX" };
        string[] examples = ["transactions list --state ongoing --longer-than PT1H"];
        return AdminVerb.Create("list", "Lists transactional ids and what they are doing.", examples, [states, longer, pattern], async call =>
        {
            var options = new ListTransactionsOptions
            {
                States = call.Get(states) ?? [],
                RunningLongerThan = Duration.Parse(call.Get(longer), "--longer-than"),
                IdPattern = call.Get(pattern),
            };
            AdminListing<TransactionListing> found = await call.Admin.ListTransactionsAsync(options, call.CancellationToken).ConfigureAwait(false);
            var table = new Table("transactionalId", "state", "producerId", "coordinator");
            foreach (TransactionListing transaction in found.Items.OrderBy(t => t.TransactionalId, StringComparer.Ordinal))
            {
                table.Add(transaction.TransactionalId, transaction.State, transaction.ProducerId, transaction.CoordinatorId);
            }

            return call.Print(table, found);
        });
    }

    private static Verb CreateDescribe()
    {
        Argument<string[]> ids = Ids();
        return AdminVerb.Create("describe", "Shows what transactions have done so far.", ["transactions describe billing-1"], [ids], async call =>
        {
            AdminResults<string, TransactionDescription> found = await call.Admin.DescribeTransactionsAsync(call.Get(ids), null, call.CancellationToken).ConfigureAwait(false);
            var table = new Table("transactionalId", "state", "producerId", "epoch", "timeoutMs", "started", "coordinator", "partitions");
            foreach (TransactionDescription t in found.Values.Values.OrderBy(t => t.TransactionalId, StringComparer.Ordinal))
            {
                table.Add(t.TransactionalId, t.State, t.ProducerId, t.ProducerEpoch, (long)t.Timeout.TotalMilliseconds, t.StartedAt, t.CoordinatorId, t.Partitions.InOrder().Select(p => p.ToString()));
            }

            return call.Print(table, found);
        });
    }

    private static Verb CreateProducers()
    {
        var partitions = new Argument<string[]>("TOPIC[:N,N]") { Description = "The partitions.", Arity = ArgumentArity.OneOrMore };
        var broker = new Option<int?>("--broker") { Description = "Ask this replica rather than the leader.", HelpName = "ID" };
        return AdminVerb.Create("producers", "Shows what partitions know of producers.", ["transactions producers orders:0"], [partitions, broker], async call =>
        {
            IReadOnlyCollection<TopicPartition> named = await PartitionNames.ResolveAsync(call, call.Get(partitions)).ConfigureAwait(false);
            AdminResults<TopicPartition, IReadOnlyList<ProducerState>> found = await call.Admin.DescribeProducersAsync(
                named, new DescribeProducersOptions { BrokerId = call.Get(broker) }, call.CancellationToken).ConfigureAwait(false);
            var table = new Table("topic", "partition", "producerId", "epoch", "coordinatorEpoch", "lastSequence", "lastTimestamp", "transactionStart");
            foreach ((TopicPartition partition, IReadOnlyList<ProducerState> producers) in found.Values.InOrder())
            {
                foreach (ProducerState p in producers)
                {
                    table.Add(partition.Topic, partition.Partition, p.ProducerId, p.ProducerEpoch, p.CoordinatorEpoch, p.LastSequence, p.LastTimestamp, p.TransactionStartOffset);
                }
            }

            return call.Print(table, found);
        });
    }

    private static Verb CreateAbort()
    {
        var partition = new Argument<string>("TOPIC:N") { Description = "The partition that the transaction hangs in." };
        var start = new Option<long>("--start-offset") { Description = "Where in it the transaction begins.", HelpName = "OFFSET", Required = true };
        string[] examples = ["transactions abort orders:0 --start-offset 1200"];
        return AdminVerb.Create("abort", "Aborts a transaction that hangs in a partition.", examples, [partition, start], async call =>
        {
            HangingTransaction aborted = await call.Admin.AbortTransactionAsync(PartitionNames.ParseOne(call.Get(partition)), call.Get(start), null, call.CancellationToken).ConfigureAwait(false);
            return call.PrintDone("producerId", aborted.ProducerId, "aborted");
        });
    }

    private static Verb CreateFence()
    {
        Argument<string[]> ids = Ids();
        return AdminVerb.Create("fence", "Shuts out the producers that use these transactional ids.", ["transactions fence billing-1 billing-2"], [ids], async call =>
        {
            AdminResults<string, FencedProducer> fenced = await call.Admin.FenceProducersAsync(call.Get(ids), null, call.CancellationToken).ConfigureAwait(false);
            var table = new Table("transactionalId", "producerId", "epoch", "result");
            foreach ((string id, FencedProducer producer) in fenced.Values.OrderBy(f => f.Key, StringComparer.Ordinal))
            {
                table.Add(id, producer.ProducerId, producer.ProducerEpoch, "fenced");
            }

            return call.Print(table, fenced);
        });
    }

    private static Verb CreateTerminate()
    {
        var id = new Argument<string>("TRANSACTIONAL-ID") { Description = "The transactional id." };
        return AdminVerb.Create("terminate", "Aborts the transaction of a transactional id by force and shuts out its producer.", ["transactions terminate billing-1"], [id], async call =>
        {
            await call.Admin.ForceTerminateTransactionAsync(call.Get(id), null, call.CancellationToken).ConfigureAwait(false);
            return call.PrintDone("transactionalId", call.Get(id), "terminated");
        });
    }
}
