using Milena.Kafka.Protocol;
using Milena.Kafka.Testing.Transactions;
using static Milena.Kafka.Protocol.ErrorCode;

namespace Milena.Kafka.Testing.Tests.Transactions;

/// <summary>The pure core: what may follow what.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class TransactionStateTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(1);
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly Transaction _transaction = new("tx", 1);
    private long _lastId = 1;

    [Test]
    public void A_transaction_runs_from_its_first_partition_to_its_last_marker([Values] bool isCommit)
    {
        ProducerIdentity producer = Initialize();

        Assert.That(_transaction.Add(producer, [("t", 0), ("t", 1)], Start), Is.EqualTo(None));
        Assert.That(_transaction.End(producer, isCommit, bumps: true, NewId).Producer, Is.EqualTo(producer.Next));
        Assert.That(_transaction.State, Is.EqualTo(isCommit ? TransactionState.PrepareCommit : TransactionState.PrepareAbort));
        _transaction.Mark("t", 0);
        Assert.That(_transaction.Complete, Throws.InvalidOperationException);
        _transaction.Mark("t", 1);
        _transaction.Complete();

        Assert.That(_transaction.State, Is.EqualTo(isCommit ? TransactionState.CompleteCommit : TransactionState.CompleteAbort));
        Assert.That(_transaction.Add(producer, [("t", 0)], Start), Is.EqualTo(ProducerFenced), "a late request of the old epoch");
        Assert.That(_transaction.Add(producer.Next, [("t", 0)], Start), Is.EqualTo(None));
    }

    [Test]
    public void A_producer_of_the_first_generation_keeps_its_epoch()
    {
        ProducerIdentity producer = Initialize();
        _transaction.AddGroup(producer, "g", Start);

        Assert.That(_transaction.End(producer, isCommit: true, bumps: false, NewId), Is.EqualTo(new EndResult(None, producer)));
        Assert.That(_transaction.Groups, Is.EqualTo(new[] { "g" }));
        _transaction.Complete();
        Assert.That(_transaction.Groups, Is.Empty);
        Assert.That(_transaction.AddGroup(producer, "g", Start), Is.EqualTo(None));
    }

    [TestCase(59, false)]
    [TestCase(60, true)]
    public void It_times_out_by_the_time_of_its_beginning(int seconds, bool isOver)
    {
        ProducerIdentity producer = Initialize();
        _transaction.Add(producer, [], Start);
        _transaction.Add(producer, [("t", 0)], Start + TimeSpan.FromSeconds(50));

        Assert.That(_transaction.TimeOut(Start + TimeSpan.FromSeconds(seconds)), Is.EqualTo(isOver));
        Assert.That(_transaction.Producer, Is.EqualTo(isOver ? producer.Next : producer));
    }

    [Test]
    public void A_fence_at_the_last_epoch_leaves_room_for_its_own()
    {
        Initialize();
        _transaction.SkipTo(ProducerIdentity.LastEpoch);
        ProducerIdentity producer = _transaction.Producer;
        _transaction.Add(producer, [], Start);

        Assert.That(_transaction.Initialize(Timeout, null, NewId), Is.EqualTo(ConcurrentTransactions));
        Assert.That(_transaction.Producer, Is.EqualTo(producer with { Epoch = short.MaxValue }));
        _transaction.Complete();
        Assert.That(Initialize(), Is.EqualTo(new ProducerIdentity(_lastId, 0)).And.Not.EqualTo(producer));
    }

    [Test]
    public void Only_the_last_producer_may_go_on_after_an_error()
    {
        ProducerIdentity first = Initialize();
        ProducerIdentity second = Initialize();

        Assert.That(_transaction.Initialize(Timeout, first, NewId), Is.EqualTo(ProducerFenced));
        Assert.That(_transaction.Initialize(Timeout, second with { Id = 99 }, NewId), Is.EqualTo(ProducerFenced));
        Assert.That(_transaction.Initialize(Timeout, second, NewId), Is.EqualTo(None));
        Assert.That(_transaction.Producer, Is.EqualTo(second.Next));
    }

    [Test]
    public void Nobody_may_forget_a_transaction_that_runs()
    {
        _transaction.Add(Initialize(), [], Start);

        Assert.That(_transaction.Expire, Throws.InvalidOperationException);
    }

    /// <summary>Whatever is asked for, an identity that was replaced once changes nothing any more.</summary>
    [Test]
    public void An_identity_that_was_replaced_never_writes_again([Range(1, 200)] int seed)
    {
        var random = new Random(seed);
        ProducerIdentity current = Initialize();
        var replaced = new HashSet<ProducerIdentity>();
        DateTimeOffset now = Start;
        for (int step = 0; step < 200; step++)
        {
            now += TimeSpan.FromSeconds(random.Next(30));
            switch (random.Next(5))
            {
                case 0:
                    _transaction.Initialize(Timeout, random.Next(2) == 0 ? null : current, NewId);
                    break;
                case 1:
                    _transaction.Add(current, [("t", random.Next(3))], now);
                    break;
                case 2:
                    _transaction.End(current, random.Next(2) == 0, bumps: random.Next(2) == 0, NewId);
                    break;
                case 3:
                    _transaction.TimeOut(now);
                    break;
                case 4 when _transaction.IsPrepared:
                    foreach ((string topic, int partition) in _transaction.Partitions.ToArray())
                    {
                        _transaction.Mark(topic, partition);
                    }

                    _transaction.Complete();
                    break;
                default:
                    break;
            }

            if (_transaction.Producer != current)
            {
                replaced.Add(current);
                current = _transaction.Producer;
            }

            Assert.That(replaced, Does.Not.Contain(current));
            Assert.That(replaced.All(old => _transaction.Verify(old, "t", 0) is ProducerFenced or InvalidProducerIdMapping));
        }
    }

    private ProducerIdentity Initialize()
    {
        Assert.That(_transaction.Initialize(Timeout, null, NewId), Is.EqualTo(None));
        return _transaction.Producer;
    }

    private long NewId() => ++_lastId;
}
