using System.Globalization;
using Milena.Kafka.Testing;

namespace Milena.Kafka.Tests.Producer;

/// <summary>Numbered records of one producer to two partitions while something goes wrong, and what was said of each, held against the logs.</summary>
internal sealed class FaultyRun
{
    private const int Partitions = 2;

    private readonly TestCluster _cluster;
    private readonly string _topic;
    private readonly long[] _starts;
    private readonly List<Task<DeliveryResult>> _results = [];

    /// <summary>Begins a run at the present ends of the logs.</summary>
    public FaultyRun(TestCluster cluster, string topic)
    {
        _cluster = cluster;
        _topic = topic;
        _starts = [.. Enumerable.Range(0, Partitions).Select(p => cluster.EndOffset(topic, p))];
    }

    public int Stored => _results.Count(r => r.IsCompletedSuccessfully);

    public int NotStored => Count(DeliveryStatus.NotStored);

    public int Unknown => Count(DeliveryStatus.Unknown);

    /// <summary>Produces so many more records, without waiting for any.</summary>
    public void Produce(Producer<string?, string?> producer, int count, CancellationToken cancellationToken)
    {
        for (int i = 0; i < count; i++)
        {
            int number = _results.Count;
            var record = new ProducerRecord<string?, string?>(_topic, null, $"{number}") { Partition = number % Partitions };
            _results.Add(producer.ProduceAsync(record, cancellationToken).AsTask());
        }
    }

    /// <summary>Waits until it is known of each record what became of it.</summary>
    public Task EndAsync() =>
        Task.WhenAll(_results.Select(r => ((Task)r).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default)));

    /// <summary>Holds what was said against the logs: stored records are there once, at their offsets and in order, others at most once or not at all.</summary>
    /// <param name="trustsRefusals">Whether a record that was reported as not stored must not be there; a broker that appends and then denies it cannot be seen through.</param>
    /// <param name="what">What went wrong, for the message.</param>
    public void Judge(bool trustsRefusals, string what)
    {
        for (int partition = 0; partition < Partitions; partition++)
        {
            int[] log = Log(partition);
            Assert.That(log, Is.Unique, $"{what}: nothing is doubled");
            Assert.That(log.Where(n => _results[n].IsCompletedSuccessfully), Is.Ordered, $"{what}: nothing is overtaken");
            for (int number = partition; number < _results.Count; number += Partitions)
            {
                JudgeOne(number, log, _starts[partition], trustsRefusals, what);
            }
        }
    }

    /// <summary>Without idempotence: what is acknowledged is there at least once, and in order when repetitions are left out.</summary>
    public void JudgeAtLeastOnce(bool isOrdered, string what)
    {
        for (int partition = 0; partition < Partitions; partition++)
        {
            int[] log = Log(partition);
            Assert.That(Expected(partition).Except(log), Is.Empty, $"{what}: nothing is lost");
            if (isOrdered)
            {
                Assert.That(log.Distinct(), Is.Ordered, $"{what}: nothing is overtaken");
            }
        }

        Assert.That(_results.Where((r, n) => r.IsFaulted && StatusOf(n) == DeliveryStatus.NotStored), Is.Empty, what);
    }

    private IEnumerable<int> Expected(int partition) =>
        Enumerable.Range(0, _results.Count).Where(n => n % Partitions == partition && _results[n].IsCompletedSuccessfully);

    private int[] Log(int partition) =>
        [.. _cluster.Records(_topic, partition).Where(r => r.Offset >= _starts[partition]).Select(r => int.Parse(r.Value!.Value.Span, CultureInfo.InvariantCulture))];

    private void JudgeOne(int number, int[] log, long start, bool trustsRefusals, string what)
    {
        if (_results[number].IsCompletedSuccessfully)
        {
            long offset = _results[number].Result.Offset;
            Assert.That(offset < 0 ? log.Contains(number) : log[offset - start] == number, $"{what}: record {number} was acknowledged at {offset}");
        }
        else if (trustsRefusals && StatusOf(number) == DeliveryStatus.NotStored)
        {
            Assert.That(log, Does.Not.Contain(number), $"{what}: record {number} was reported as not stored");
        }
    }

    private int Count(DeliveryStatus status) => Enumerable.Range(0, _results.Count).Count(n => _results[n].IsFaulted && StatusOf(n) == status);

    private DeliveryStatus StatusOf(int number) => ((DeliveryException)_results[number].Exception!.InnerException!).Status;
}
