using Milena.Kafka;
using Milena.Kafka.Protocol;
using Milena.Kafka.Testing;

const int Count = 10_000;
string? outside = args is ["--bootstrap", var address] ? address : null;
using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
await using TestCluster? embedded = outside is null ? await TestCluster.StartAsync(brokers: 3, cancellationToken: patience.Token) : null;
await using var kafka = new KafkaClient(outside ?? embedded!.BootstrapServers);
string orders = $"orders-{Guid.NewGuid():N}";
string invoices = $"invoices-{Guid.NewGuid():N}";
await kafka.CreateAdmin().CreateTopicAsync(new NewTopic(orders) { Partitions = 6 }, patience.Token);
await kafka.CreateAdmin().CreateTopicAsync(new NewTopic(invoices) { Partitions = 6 }, patience.Token);
await using (Producer<string, int> shop = kafka.CreateProducer<string, int>(new ProducerOptions { BatchSize = 4096 }))
{
    await shop.ProduceManyAsync(Enumerable.Range(0, Count).Select(i => new ProducerRecord<string, int>(orders, $"customer-{i % 100}", i)), patience.Token);
}

ExactlyOnceLoop<string, int, string, int> billing = kafka.CreateExactlyOnceLoop<string, int, string, int>(new ExactlyOnceOptions
{
    Input = { GroupId = orders, Topics = { orders } },
    Output = { TransactionalId = $"{orders}-1" },
    OnFailure = FailurePolicy.Retry(20, TimeSpan.FromMilliseconds(10)),
});
var billed = new Dictionary<TransactionOutcome, int>();
using var allBilled = CancellationTokenSource.CreateLinkedTokenSource(patience.Token);
billing.TransactionEnded += (_, ended) =>
{
    billed[ended.Outcome] = billed.GetValueOrDefault(ended.Outcome) + ended.Inputs.Sum(input => input.Records);
    if (billed.GetValueOrDefault(TransactionOutcome.Committed) == Count)
    {
        allBilled.Cancel();
    }
};
await billing.RunAsync(BillAsync, allBilled.Token);
Console.WriteLine($"Billed     {string.Join(", ", billed.Select(b => $"{b.Value:N0} orders in transactions that were {b.Key}"))}");

var numbers = new List<int>();
await using Consumer<Ignore, int> books = kafka.CreateConsumer<Ignore, int>(new ConsumerOptions { IsolationLevel = IsolationLevel.ReadCommitted });
await books.AssignTopicAsync(invoices, StartPosition.Beginning, patience.Token);
await foreach (ConsumeResult<Ignore, int> invoice in books.ConsumeToEndAsync(patience.Token))
{
    numbers.Add(invoice.Value);
}

bool isRight = numbers.Order().SequenceEqual(Enumerable.Range(0, Count));
Console.WriteLine(isRight ? $"Checked    {numbers.Count:N0} invoices: one for each order." : $"FAILED     {numbers.Count:N0} invoices, {numbers.Distinct().Count():N0} of them different.");
return isRight ? 0 : 1;

async ValueTask BillAsync(ConsumeBatch<string, int> batch, TransactionOutput<string, int> output, CancellationToken cancellationToken)
{
    foreach (ConsumeResult<string, int> order in batch)
    {
        await output.EnqueueAsync(invoices, order.Key, order.Value, cancellationToken);
    }

    _ = Random.Shared.Next(30) > 0 ? 0 : throw new InvalidOperationException("A batch fails now and then after its invoices were written, and is billed again.");
}
