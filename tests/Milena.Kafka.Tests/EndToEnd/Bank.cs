using System.Collections.Concurrent;
using System.Globalization;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Tests.EndToEnd;

/// <summary>
/// Accounts whose money is moved by workers, while workers and brokers are killed at random. Each coin is a record under the key of its account; a transfer reads it and stores it under another account, one hop further. In the
/// end every coin must have made every hop of its way once.
/// </summary>
internal sealed class Bank : IDisposable
{
    private const int Accounts = 100;
    private const int Partitions = 8;
    private const int Workers = 4;
    private const string Group = "clerks";

    private readonly string _transfers = $"transfers-{Guid.NewGuid():N}";
    private readonly string _savings = $"savings-{Guid.NewGuid():N}";
    private readonly ConcurrentQueue<string> _surprises = new();
    private readonly StormTarget _target;
    private readonly GroupProtocol _protocol;
    private readonly TimeSpan _patience;
    private readonly Random _random;
    private readonly int _coins;
    private readonly CancellationTokenSource _closing = new();
    private TaskCompletionSource _moved = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isClosing;
    private int _transferred;

    /// <param name="target">The cluster.</param>
    /// <param name="protocol">How the workers are members of their group.</param>
    /// <param name="coins">How many coins there are, of 1, 2, 3 and so on.</param>
    /// <param name="patience">How long a broker stays up or down if no transfers get on: a partition may need just this one.</param>
    /// <param name="seed">All chance comes from it.</param>
    public Bank(StormTarget target, GroupProtocol protocol, int coins, TimeSpan patience, int seed)
    {
        _target = target;
        _protocol = protocol;
        _coins = coins;
        _patience = patience;
        _random = new Random(seed);
    }

    /// <summary>Settings that bring a worker which was killed out of its group in good time.</summary>
    public Action<ConsumerOptions> Configure { get; init; } = static _ => { };

    /// <summary>Transfers that were committed.</summary>
    public int Transferred => Volatile.Read(ref _transferred);

    public void Dispose() => _closing.Dispose();

    /// <summary>Does business while so much is killed as is wanted, and then until all coins are saved; then holds all that was stored against what must be.</summary>
    /// <param name="goesOn">Whether something is to be killed once more, by how much was.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task RunAsync(Func<int, bool> goesOn, CancellationToken cancellationToken)
    {
        await using var kafka = new KafkaClient(_target.BootstrapServers);
        short replicas = (short)Math.Min(3, _target.Brokers.Count);
        await kafka.CreateAdmin().CreateTopicAsync(new NewTopic(_transfers) { Partitions = Partitions, ReplicationFactor = replicas }, cancellationToken);
        await kafka.CreateAdmin().CreateTopicAsync(new NewTopic(_savings) { Partitions = 1, ReplicationFactor = replicas }, cancellationToken);
        await DepositAsync(kafka, cancellationToken);
        Clerk[] clerks = [.. Enumerable.Range(1, Workers).Select(i => new Clerk(this, $"clerk-{i}"))];
        try
        {
            for (int kills = 0; goesOn(kills); kills++)
            {
                await GetOnAsync(_coins / 2, cancellationToken);
                if (_random.Next(3) == 0)
                {
                    await KillBrokerAsync(_target.Brokers[_random.Next(_target.Brokers.Count)], cancellationToken);
                }
                else
                {
                    await clerks[_random.Next(Workers)].KillAsync();
                }
            }

            _isClosing = true;
            await SaveAllAsync(kafka, cancellationToken);
        }
        finally
        {
            await _closing.CancelAsync();
            foreach (Clerk clerk in clerks)
            {
                await clerk.DisposeAsync();
            }
        }

        Assert.That(_surprises, Is.Empty, "no worker may end unless it is killed");
        Judge(await ReadAsync(kafka, _transfers, cancellationToken), await ReadAsync(kafka, _savings, cancellationToken));
    }

    private static string AccountOf(int coin, int hop) => $"account-{(coin * 31 + hop * 17) % Accounts}";

    private async Task DepositAsync(KafkaClient kafka, CancellationToken cancellationToken)
    {
        await using Producer<string, string> teller = kafka.CreateProducer<string, string>();
        (await teller.ProduceManyAsync(Enumerable.Range(1, _coins).Select(coin => new ProducerRecord<string, string>(_transfers, AccountOf(coin, 0), $"{coin} 0")), cancellationToken)).ThrowIfAnyFailed();
    }

    private async ValueTask TransferAsync(ConsumeBatch<string, string> batch, TransactionOutput<string, string> output, CancellationToken cancellationToken)
    {
        foreach (ConsumeResult<string, string> record in batch)
        {
            (int coin, int hop) = Parse(record.Value);
            await output.EnqueueAsync(_isClosing ? _savings : _transfers, AccountOf(coin, hop + 1), $"{coin} {hop + 1}", cancellationToken);
        }
    }

    private void OnEnded(LoopTransaction ended)
    {
        if (ended.Outcome == TransactionOutcome.Committed)
        {
            Interlocked.Add(ref _transferred, ended.Inputs.Sum(i => i.Records));
            Interlocked.Exchange(ref _moved, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
        }
    }

    private async Task KillBrokerAsync(int broker, CancellationToken cancellationToken)
    {
        await _target.KillAsync(broker);
        await GetOnAsync(_coins, cancellationToken);
        await _target.StartAsync(broker, cancellationToken);
    }

    /// <summary>Waits until so many more transfers are committed, or patience has an end.</summary>
    private async Task GetOnAsync(int transfers, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_patience);
        int enough = Transferred + transfers;
        while (Transferred < enough && !limit.IsCancellationRequested)
        {
            Task moved = Volatile.Read(ref _moved).Task;
            if (Transferred < enough)
            {
                await moved.WaitAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    private async Task SaveAllAsync(KafkaClient kafka, CancellationToken cancellationToken)
    {
        await using Consumer<Ignore, string> auditor = kafka.CreateConsumer<Ignore, string>(new ConsumerOptions { IsolationLevel = IsolationLevel.ReadCommitted });
        await auditor.AssignTopicAsync(_savings, StartPosition.Beginning, cancellationToken);
        int saved = 0;
        await foreach (ConsumeResult<Ignore, string> _ in auditor.ConsumeAsync(cancellationToken))
        {
            if (++saved == _coins)
            {
                return;
            }
        }
    }

    private static async Task<List<(int Coin, int Hop)>> ReadAsync(KafkaClient kafka, string topic, CancellationToken cancellationToken)
    {
        await using Consumer<string, string> auditor = kafka.CreateConsumer<string, string>(new ConsumerOptions { IsolationLevel = IsolationLevel.ReadCommitted });
        await auditor.AssignTopicAsync(topic, StartPosition.Beginning, cancellationToken);
        var found = new List<(int, int)>();
        await foreach (ConsumeResult<string, string> record in auditor.ConsumeToEndAsync(cancellationToken))
        {
            found.Add(Parse(record.Value));
        }

        return found;
    }

    private void Judge(List<(int Coin, int Hop)> transfers, List<(int Coin, int Hop)> savings)
    {
        Dictionary<int, int> lastHop = savings.GroupBy(s => s.Coin).ToDictionary(g => g.Key, g => g.Max(s => s.Hop));
        HashSet<(int, int)> made = [.. transfers];
        long total = savings.Sum(s => (long)s.Coin);
        int doubled = transfers.Count - made.Count + savings.Count - lastHop.Count;
        int lost = Enumerable.Range(1, _coins).Sum(coin => Enumerable.Range(0, lastHop.GetValueOrDefault(coin, 1)).Count(hop => !made.Contains((coin, hop))));
        int strange = made.Count(m => m.Item2 >= lastHop.GetValueOrDefault(m.Item1));

        Assert.That((Doubled: doubled, Lost: lost, Strange: strange), Is.EqualTo((0, 0, 0)), $"transfers that were made twice, not at all, or behind the last; {made.Count} were made");
        Assert.That(total, Is.EqualTo((long)_coins * (_coins + 1) / 2), "the total never changes");
    }

    private static (int Coin, int Hop) Parse(string value)
    {
        string[] parts = value.Split(' ');
        return (int.Parse(parts[0], CultureInfo.InvariantCulture), int.Parse(parts[1], CultureInfo.InvariantCulture));
    }

    /// <summary>A worker in a process of its own, as far as the cluster can tell: killing it leaves its connections, its membership and its transaction to themselves. Then another takes its place, and its name.</summary>
    private sealed class Clerk : IAsyncDisposable
    {
        private readonly Bank _bank;
        private readonly string _name;
        private KafkaClient _kafka;
        private Task _working;

        public Clerk(Bank bank, string name)
        {
            _bank = bank;
            _name = name;
            _kafka = new KafkaClient(bank._target.BootstrapServers);
            _working = WorkAsync(_kafka);
        }

        public async Task KillAsync()
        {
            await _kafka.DisposeAsync();
            await _working;
            _kafka = new KafkaClient(_bank._target.BootstrapServers);
            _working = WorkAsync(_kafka);
        }

        public async ValueTask DisposeAsync()
        {
            await _working;
            await _kafka.DisposeAsync();
        }

        private async Task WorkAsync(KafkaClient kafka)
        {
            var options = new ExactlyOnceOptions
            {
                Input = { GroupId = Group, Topics = { _bank._transfers }, GroupProtocol = _bank._protocol, FetchMaxWait = TimeSpan.FromMilliseconds(50), CloseTimeout = TimeSpan.FromSeconds(5) },
                Output = { TransactionalId = _name, CloseTimeout = TimeSpan.FromSeconds(5) },
                CommitInterval = TimeSpan.FromMilliseconds(20),
            };
            _bank.Configure(options.Input);
            ExactlyOnceLoop<string, string, string, string> loop = kafka.CreateExactlyOnceLoop<string, string, string, string>(options);
            loop.TransactionEnded += (_, ended) => _bank.OnEnded(ended);
            try
            {
                await loop.RunAsync(_bank.TransferAsync, _bank._closing.Token);
            }
            catch (Exception end) when (end is not ObjectDisposedException && end.InnerException is not ObjectDisposedException)
            {
                _bank._surprises.Enqueue($"{_name}: {end}");
            }
            catch (Exception)
            {
                // Killed.
            }
        }
    }
}
