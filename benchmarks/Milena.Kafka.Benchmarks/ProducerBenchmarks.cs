using System.Diagnostics.CodeAnalysis;
using BenchmarkDotNet.Attributes;
using Milena.Kafka.Testing;

namespace Milena.Kafka.Benchmarks;

/// <summary>
/// Records through a producer into an embedded cluster of the same process. Every figure is for one record and counts what client and broker do
/// together; an operation is a burst of 100,000 and the flush after it.
/// </summary>
[MemoryDiagnoser]
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "The global clean-up disposes them.")]
[SimpleJob(launchCount: 1, warmupCount: 2, iterationCount: 5, invocationCount: 1)]
public class ProducerBenchmarks
{
    private const int Records = 100_000;

    private readonly byte[] _value = new byte[100];
    private readonly ValueTask<DeliveryResult>[] _deliveries = new ValueTask<DeliveryResult>[1_000];
    private TestCluster _cluster = null!;
    private KafkaClient _kafka = null!;
    private Producer<byte[]?, byte[]> _producer = null!;

    [GlobalSetup]
    public async Task SetupAsync()
    {
        _cluster = await TestCluster.StartAsync(1, new TestClusterOptions { MaxReceivedBytes = 0, MaxReceivedRequests = 0 });
        _cluster.CreateTopic("t", partitions: 4);
        _kafka = new KafkaClient(_cluster.BootstrapServers);
        _producer = _kafka.CreateProducer<byte[]?, byte[]>();
        await _producer.ProduceAsync("t", null, _value);
    }

    [GlobalCleanup]
    public async Task CleanupAsync()
    {
        await _producer.DisposeAsync();
        await _kafka.DisposeAsync();
        await _cluster.DisposeAsync();
    }

    /// <summary>Acceptance only.</summary>
    [Benchmark(OperationsPerInvoke = Records)]
    public async Task Enqueue()
    {
        for (int i = 0; i < Records; i++)
        {
            await _producer.EnqueueAsync("t", null, _value);
        }

        await _producer.FlushAsync();
    }

    /// <summary>Delivery of each, awaited in groups of 1,000.</summary>
    [SuppressMessage("Reliability", "CA2012:Use ValueTasks correctly", Justification = "Deliveries may be kept and awaited later.")]
    [Benchmark(OperationsPerInvoke = Records)]
    public async Task Produce()
    {
        for (int group = 0; group < Records / _deliveries.Length; group++)
        {
            for (int i = 0; i < _deliveries.Length; i++)
            {
                _deliveries[i] = _producer.ProduceAsync("t", null, _value);
            }

            foreach (ValueTask<DeliveryResult> delivery in _deliveries)
            {
                await delivery;
            }
        }
    }
}
