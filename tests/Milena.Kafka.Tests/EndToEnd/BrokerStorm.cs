using System.Globalization;
using System.Text;
using Milena.Kafka.Tests.Interop;

namespace Milena.Kafka.Tests.EndToEnd;

/// <summary>
/// Produces numbered records at a steady pace while one broker after the other is killed and started again, then lets kcat read the topic and holds it
/// against what was acknowledged.
/// </summary>
internal sealed class BrokerStorm : IDisposable
{
    private const int Partitions = 6;
    private const int Keys = 1_000;
    private const int MostOutstanding = 50_000;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);

    private readonly StormTarget _target;
    private readonly int _records;
    private readonly TimeSpan _duration;
    private readonly int _kills;
    private readonly TimeSpan _patience;
    private readonly (int Partition, long Offset)[] _places;
    private readonly SemaphoreSlim _window = new(MostOutstanding);
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _allEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _progress = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _awaited = int.MaxValue;
    private int _ended;

    /// <summary>Makes one.</summary>
    /// <param name="target">The cluster.</param>
    /// <param name="records">How many records.</param>
    /// <param name="duration">In which time they are produced.</param>
    /// <param name="kills">How many brokers are killed meanwhile, one at a time.</param>
    /// <param name="patience">How long a broker stays up or down if the records do not get on: a partition may need just this one.</param>
    public BrokerStorm(StormTarget target, int records, TimeSpan duration, int kills, TimeSpan patience)
    {
        _target = target;
        _records = records;
        _duration = duration;
        _kills = kills;
        _patience = patience;
        _places = new (int, long)[records];
    }

    /// <summary>The first reasons why records were not acknowledged, for the message of a test that fails.</summary>
    public List<string> Failures { get; } = [];

    public void Dispose() => _window.Dispose();

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var kafka = new KafkaClient(_target.BootstrapServers);
        string topic = $"storm-{Guid.NewGuid():N}";
        await kafka.CreateAdmin().CreateTopicAsync(new NewTopic(topic) { Partitions = Partitions, ReplicationFactor = (short)_target.Brokers.Count }, cancellationToken);
        Task storm;
        await using (Producer<string, string> producer = kafka.CreateProducer<string, string>())
        {
            storm = StormAsync(cancellationToken);
            await ProduceAsync(producer, topic, cancellationToken);
            await _allEnded.Task.WaitAsync(cancellationToken);
        }

        await storm;
        Assert.That(Failures, Is.Empty);
        ProcessResult read = await Kcat.RunAsync(
            "", TimeSpan.FromMinutes(3), cancellationToken, "-C", "-b", _target.BootstrapServers, "-t", topic, "-o", "beginning", "-e", "-q", "-f", "%p %o %k %s\n");
        Judge(read.EnsureSuccess());
    }

    private async Task ProduceAsync(Producer<string, string> producer, string topic, CancellationToken cancellationToken)
    {
        using var ticks = new PeriodicTimer(Tick);
        long start = TimeProvider.System.GetTimestamp();
        for (int number = 0; number < _records;)
        {
            double part = TimeProvider.System.GetElapsedTime(start) / _duration;
            int due = part >= 1 ? _records : (int)(part * _records);
            for (; number < due; number++)
            {
                await _window.WaitAsync(cancellationToken);
                _ = ObserveAsync(number, producer.ProduceAsync(topic, KeyOf(number), $"{number}", cancellationToken));
            }

            await ticks.WaitForNextTickAsync(cancellationToken);
        }
    }

    private async Task ObserveAsync(int number, ValueTask<DeliveryResult> delivery)
    {
        string? failure = null;
        try
        {
            DeliveryResult stored = await delivery;
            _places[number] = (stored.Partition, stored.Offset);
        }
        catch (Exception fault)
        {
            failure = $"record {number}: {fault.Message}";
        }

        _window.Release();
        lock (_gate)
        {
            if (failure is not null && Failures.Count < 10)
            {
                Failures.Add(failure);
            }

            if (++_ended >= _awaited)
            {
                _progress.TrySetResult();
            }

            if (_ended == _records)
            {
                _progress.TrySetResult();
                _allEnded.TrySetResult();
            }
        }
    }

    private async Task StormAsync(CancellationToken cancellationToken)
    {
        int step = _records / ((2 * _kills) + 1);
        for (int i = 0; i < _kills; i++)
        {
            int broker = _target.Brokers[i % _target.Brokers.Count];
            await GetOnAsync(step, cancellationToken);
            await _target.KillAsync(broker);
            await GetOnAsync(step, cancellationToken);
            await _target.StartAsync(broker, cancellationToken);
        }
    }

    /// <summary>Waits until so many more records have ended, or patience has.</summary>
    private async Task GetOnAsync(int records, CancellationToken cancellationToken)
    {
        Task progress;
        lock (_gate)
        {
            _awaited = Math.Min(_ended + records, _records);
            _progress = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_ended >= _awaited)
            {
                _progress.SetResult();
            }

            progress = _progress.Task;
        }

        try
        {
            await progress.WaitAsync(_patience, cancellationToken);
        }
        catch (TimeoutException)
        {
            // Then the storm goes on without it.
        }
    }

    private void Judge(ProcessResult read)
    {
        var last = new int[Partitions];
        Array.Fill(last, -1);
        int seen = 0;
        int doubled = 0;
        int disordered = 0;
        int displaced = 0;
        var isSeen = new bool[_records];
        foreach (string line in read.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] fields = line.Split(' ');
            int partition = int.Parse(fields[0], CultureInfo.InvariantCulture);
            int number = int.Parse(fields[3], CultureInfo.InvariantCulture);
            doubled += isSeen[number] ? 1 : 0;
            seen += isSeen[number] ? 0 : 1;
            disordered += number <= last[partition] && !isSeen[number] ? 1 : 0;
            displaced += _places[number] != (partition, long.Parse(fields[1], CultureInfo.InvariantCulture)) || fields[2] != KeyOf(number) ? 1 : 0;
            isSeen[number] = true;
            last[partition] = number;
        }

        Assert.That(
            (Lost: _records - seen, Doubled: doubled, Disordered: disordered, Displaced: displaced), Is.EqualTo((0, 0, 0, 0)), "lost, doubled, out of order, elsewhere than acknowledged");
    }

    private static string KeyOf(int number) => $"k{number % Keys}";
}
