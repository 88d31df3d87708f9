using Milena.Kafka.Protocol;
using Milena.Kafka.Testing.Transactions;
using static Milena.Kafka.Protocol.ErrorCode;

namespace Milena.Kafka.Testing.Tests.Transactions;

/// <summary>The pure core: what may follow what.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class TransactionStateTests
{
    private const bool Bumps = true;

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

    [Test]
    public void It_times_out_by_the_time_of_its_beginning([Values(59, 60)] int seconds, [Values] bool bumps)
    {
        bool isOver = seconds >= 60;
        ProducerIdentity producer = Initialize();
        _transaction.Add(producer, [], Start);
        _transaction.Add(producer, [("t", 0)], Start + TimeSpan.FromSeconds(50));

        Assert.That(_transaction.TimeOut(Start + TimeSpan.FromSeconds(seconds), bumps), Is.EqualTo(isOver));
        Assert.That(_transaction.Producer, Is.EqualTo(!isOver ? producer : bumps ? producer.Next.Next : producer.Next), "one epoch for the fence, and one for the end where ends take epochs");
    }

    [Test]
    public void A_fence_at_the_last_epoch_leaves_room_for_its_own()
    {
        Initialize();
        _transaction.SkipTo(ProducerIdentity.LastEpoch);
        ProducerIdentity producer = _transaction.Producer;
        _transaction.Add(producer, [], Start);

        Assert.That(_transaction.Initialize(Timeout, null, Bumps, NewId), Is.EqualTo(ConcurrentTransactions));
        Assert.That(_transaction.Producer, Is.EqualTo(producer with { Epoch = short.MaxValue }));
        _transaction.Complete();
        Assert.That(Initialize(), Is.EqualTo(new ProducerIdentity(_lastId, 0)).And.Not.EqualTo(producer));
    }

    [Test]
    public void Only_the_last_producer_may_go_on_after_an_error()
    {
        ProducerIdentity first = Initialize();
        ProducerIdentity second = Initialize();

        Assert.That(_transaction.Initialize(Timeout, first, Bumps, NewId), Is.EqualTo(ProducerFenced));
        Assert.That(_transaction.Initialize(Timeout, second with { Id = 99 }, Bumps, NewId), Is.EqualTo(ProducerFenced));
        Assert.That(_transaction.Initialize(Timeout, second, Bumps, NewId), Is.EqualTo(None));
        Assert.That(_transaction.Producer, Is.EqualTo(second.Next));
    }

    [Test]
    public void Nobody_may_forget_a_transaction_that_runs()
    {
        _transaction.Add(Initialize(), [], Start);

        Assert.That(_transaction.Expire, Throws.InvalidOperationException);
    }

    /// <summary>The table in Kafka's coordinator of what each state says to an end under the present epoch and under the one before.</summary>
    [TestCase(TransactionState.Empty, false, "None", "ProducerFenced")]
    [TestCase(TransactionState.Empty, true, "InvalidTxnState", "ProducerFenced")]
    [TestCase(TransactionState.CompleteAbort, false, "None", "None")]
    [TestCase(TransactionState.CompleteAbort, true, "InvalidTxnState", "InvalidTxnState")]
    [TestCase(TransactionState.CompleteCommit, false, "None", "InvalidTxnState")]
    [TestCase(TransactionState.CompleteCommit, true, "InvalidTxnState", "None")]
    [TestCase(TransactionState.PrepareAbort, false, "ProducerFenced", "ConcurrentTransactions")]
    [TestCase(TransactionState.PrepareAbort, true, "ProducerFenced", "InvalidTxnState")]
    [TestCase(TransactionState.PrepareCommit, false, "ProducerFenced", "InvalidTxnState")]
    [TestCase(TransactionState.PrepareCommit, true, "ProducerFenced", "ConcurrentTransactions")]
    public void An_end_of_the_second_generation_is_answered_by_state_and_epoch(TransactionState state, bool isCommit, string current, string before)
    {
        ProducerIdentity old = Reach(state);
        ProducerIdentity present = _transaction.Producer;

        EndResult retried = _transaction.End(old, isCommit, bumps: true, NewId);
        Assert.That($"{retried.Error}", Is.EqualTo(before), "under the epoch before");
        Assert.That(_transaction.Producer, Is.EqualTo(present), "a retry changes nothing");
        Assert.That(retried.Producer, Is.EqualTo(retried.Error == None ? present : ProducerIdentity.None));
        EndResult again = _transaction.End(present, isCommit, bumps: true, NewId);
        Assert.That($"{again.Error}", Is.EqualTo(current), "under the present epoch");
        Assert.That(_transaction.Producer, Is.EqualTo(again.Error == None ? present.Next : present), "an abort of nothing takes an epoch too");
    }

    [TestCase(TransactionState.Empty, false, "InvalidTxnState")]
    [TestCase(TransactionState.Empty, true, "InvalidTxnState")]
    [TestCase(TransactionState.CompleteAbort, false, "None")]
    [TestCase(TransactionState.CompleteAbort, true, "InvalidTxnState")]
    [TestCase(TransactionState.CompleteCommit, false, "InvalidTxnState")]
    [TestCase(TransactionState.CompleteCommit, true, "None")]
    [TestCase(TransactionState.PrepareAbort, false, "ConcurrentTransactions")]
    [TestCase(TransactionState.PrepareAbort, true, "InvalidTxnState")]
    [TestCase(TransactionState.PrepareCommit, false, "InvalidTxnState")]
    [TestCase(TransactionState.PrepareCommit, true, "ConcurrentTransactions")]
    public void An_end_of_the_first_generation_is_answered_by_state_and_the_old_epoch_is_fenced(TransactionState state, bool isCommit, string current)
    {
        ProducerIdentity old = Reach(state);

        Assert.That(_transaction.End(old, isCommit, bumps: false, NewId).Error, Is.EqualTo(ProducerFenced));
        Assert.That($"{_transaction.End(_transaction.Producer, isCommit, bumps: false, NewId).Error}", Is.EqualTo(current));
    }

    [Test]
    public void A_fenced_epoch_is_no_retry_of_the_end_that_fenced_it()
    {
        ProducerIdentity fenced = Initialize();
        _transaction.Add(fenced, [], Start);
        _transaction.TimeOut(Start + Timeout, bumps: true);
        _transaction.Complete();

        Assert.That(_transaction.End(fenced, isCommit: false, bumps: true, NewId).Error, Is.EqualTo(ProducerFenced));
        Assert.That(_transaction.Initialize(Timeout, fenced, Bumps, NewId), Is.EqualTo(ProducerFenced));
    }

    [Test]
    public void A_producer_that_lost_the_answer_with_its_new_id_is_known_until_the_new_one_is_used()
    {
        Initialize();
        _transaction.SkipTo(ProducerIdentity.LastEpoch);
        ProducerIdentity last = _transaction.Producer;
        _transaction.Add(last, [], Start);
        ProducerIdentity next = _transaction.End(last, isCommit: true, bumps: true, NewId).Producer;
        Assert.That(next, Is.EqualTo(new ProducerIdentity(_lastId, 0)));
        _transaction.Complete();

        Assert.That(_transaction.End(last, isCommit: true, bumps: true, NewId), Is.EqualTo(new EndResult(None, next)), "the end is asked for again");
        Assert.That(_transaction.Initialize(Timeout, last, Bumps, NewId), Is.EqualTo(None), "KIP-360 after it");
        Assert.That(_transaction.Producer, Is.EqualTo(next), "no epoch is lost by that");
        _transaction.Add(next, [], Start);
        Assert.That(_transaction.Initialize(Timeout, last, Bumps, NewId), Is.EqualTo(ProducerFenced), "late");
        Assert.That(_transaction.State, Is.EqualTo(TransactionState.Ongoing), "and the transaction of the new one goes on");
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
                    _transaction.Initialize(Timeout, random.Next(2) == 0 ? null : current, random.Next(2) == 0, NewId);
                    break;
                case 1:
                    _transaction.Add(current, [("t", random.Next(3))], now);
                    break;
                case 2:
                    _transaction.End(current, random.Next(2) == 0, bumps: random.Next(2) == 0, NewId);
                    break;
                case 3:
                    _transaction.TimeOut(now, random.Next(2) == 0);
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
        Assert.That(_transaction.Initialize(Timeout, null, Bumps, NewId), Is.EqualTo(None));
        return _transaction.Producer;
    }

    /// <summary>Brings the transaction into a state.</summary>
    /// <returns>Who the producer was before it.</returns>
    private ProducerIdentity Reach(TransactionState state)
    {
        ProducerIdentity producer = Initialize();
        if (state == TransactionState.Empty)
        {
            Initialize();
            return producer;
        }

        _transaction.Add(producer, [("t", 0)], Start);
        _transaction.End(producer, state is TransactionState.PrepareCommit or TransactionState.CompleteCommit, Bumps, NewId);
        if (!_transaction.IsPrepared || state is TransactionState.CompleteAbort or TransactionState.CompleteCommit)
        {
            _transaction.Mark("t", 0);
            _transaction.Complete();
        }

        Assert.That(_transaction.State, Is.EqualTo(state));
        return producer;
    }

    private long NewId() => ++_lastId;
}
