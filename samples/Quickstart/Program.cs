using System.Diagnostics;
using Milena.Kafka;
using Milena.Kafka.Testing;

const int Count = 10_000;
const int Partitions = 6;
string? outside = args is ["--bootstrap", var address] ? address : null;
using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));

await using TestCluster? embedded = outside is null ? await TestCluster.StartAsync(brokers: 3, cancellationToken: patience.Token) : null;
string bootstrap = outside ?? embedded!.BootstrapServers;
Console.WriteLine($"Cluster    {bootstrap} ({(embedded is null ? "outside" : "embedded, 3 brokers")})");

await using var kafka = new KafkaClient(bootstrap);
string topic = $"quickstart-{Guid.NewGuid():N}";
await kafka.CreateAdmin().CreateTopicAsync(new NewTopic(topic) { Partitions = Partitions }, patience.Token);
Console.WriteLine($"Topic      {topic}, {Partitions} partitions");

var watch = Stopwatch.StartNew();
await using (Producer<string, int> producer = kafka.CreateProducer<string, int>())
{
    for (int i = 0; i < Count; i++)
    {
        await producer.EnqueueAsync(topic, $"key-{i % 100}", i, patience.Token);
    }

    await producer.FlushAsync(patience.Token);
}

Report("Produced", watch.Elapsed);

watch.Restart();
var lastOfKey = new Dictionary<string, int>();
var perPartition = new int[Partitions];
int consumed = 0;
int disorder = 0;
await using Consumer<string, int> consumer = kafka.CreateConsumer<string, int>();
await consumer.AssignTopicAsync(topic, StartPosition.Beginning, patience.Token);
await foreach (ConsumeResult<string, int> record in consumer.ConsumeAsync(patience.Token))
{
    bool follows = record.Key == $"key-{record.Value % 100}" && record.Value > lastOfKey.GetValueOrDefault(record.Key, -1) && record.Offset == perPartition[record.Partition];
    disorder += follows ? 0 : 1;
    lastOfKey[record.Key] = record.Value;
    perPartition[record.Partition]++;
    if (++consumed == Count)
    {
        break;
    }
}

Report("Consumed", watch.Elapsed);
Console.WriteLine($"Partitions {string.Join(" ", perPartition)}");
Console.WriteLine(disorder == 0 ? $"Checked    {Count:N0} records: count, keys, values and order per partition are right." : $"FAILED     {disorder} records are wrong or out of order.");
return disorder == 0 ? 0 : 1;

static void Report(string what, TimeSpan time) => Console.WriteLine($"{what,-10} {Count:N0} records in {time.TotalMilliseconds:N0} ms, {Count / time.TotalSeconds:N0} a second");
