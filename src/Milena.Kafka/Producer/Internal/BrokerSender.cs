using System.Collections.Concurrent;
using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Network.Internal;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Producer.Internal;

/// <summary>The loop that sends to one broker: drains the queues of the partitions it leads into requests, and takes in the answers.</summary>
/// <remarks>
/// Everything but <see cref="Announce"/> and <see cref="Wake()"/> runs in the loop, one step at a time. The sender of no broker keeps the queues whose leader
/// is not known: it only lets them grow old and looks for their leaders.
/// </remarks>
internal sealed class BrokerSender : IAsyncDisposable
{
    private readonly ConcurrentQueue<ProduceFlight> _landed = new();
    private readonly SenderQueues _queues;
    private readonly List<ProducerBatch> _expired = [];
    private readonly ProducerContext _context;
    private readonly BrokerSenders _senders;
    private readonly BatchEnd _end;
    private readonly FlightBoarding _boarding;
    private readonly FlightLanding _landing;
    private readonly BrokerLink _link;
    private readonly WakeSignal _signal;
    private readonly CancellationToken _closing;
    private readonly Task _running;
    private ProducerIdentity _identity = ProducerIdentity.None;
    private ClusterSnapshot? _seen;
    private volatile SenderAppetite _appetite;
    private bool _hasSkipped;
    private readonly List<Task> _flying = [];
    private int _flights;
    private int _lookUps;
    private TimeSpan _lookUpAt;
    private TimeSpan _expireAt = TimeSpan.MaxValue;
    private long _busySince = TimeSpan.MaxValue.Ticks;

    public BrokerSender(int broker, ProducerContext context, BrokerSenders senders, BatchEnd end, BrokerPool pool, CancellationToken closing)
    {
        Broker = broker;
        _context = context;
        _senders = senders;
        _end = end;
        _closing = closing;
        _queues = new SenderQueues(this);
        _signal = new WakeSignal(context.Time, context.Clock);
        _boarding = new FlightBoarding(context, _queues);
        _landing = new FlightLanding(context, end);
        _link = new BrokerLink(broker, context, pool, _signal, closing);
        _running = Task.Run(RunAsync, CancellationToken.None);
    }

    /// <summary>The broker's id; <see cref="BrokerSenders.NoBroker"/> for none.</summary>
    public int Broker { get; }

    /// <summary>Since when the broker can be given no request though it has partitions with batches; the greatest time if it can. Any thread.</summary>
    /// <remarks>Kept only where the partitioner asks for it.</remarks>
    public TimeSpan BusySince => new(Volatile.Read(ref _busySince));

    /// <summary>Says that there is something to look at in a queue, which may be one that is given to this sender. Under the queue's gate; does not wake the loop.</summary>
    public void Announce(PartitionQueue queue) => _queues.Announce(queue);

    /// <summary>Tells the loop of batches that were added, unless it does not want to know.</summary>
    public void Wake(SenderNews news)
    {
        // Either this sees what the loop wants by now, or the loop, which looks after it has said what it wants, sees what was added before.
        Interlocked.MemoryBarrier();
        SenderAppetite appetite = _appetite;
        if (appetite == SenderAppetite.Any || (appetite == SenderAppetite.Closed && news != SenderNews.Opened))
        {
            _signal.Set();
        }
    }

    /// <summary>Tells the loop that something has changed.</summary>
    public void Wake() => _signal.Set();

    /// <summary>Waits for the loop to end, which the closing token asks of it.</summary>
    public async ValueTask DisposeAsync()
    {
        _signal.Set();
        await _running.ConfigureAwait(false);
        _signal.Dispose();
    }

    /// <summary>After the loop has ended: ends when no connection reads a buffer of this sender any more.</summary>
    public Task BuffersReturnedAsync() => Task.WhenAll(_flying);

    private async Task RunAsync()
    {
        try
        {
            await LoopAsync().ConfigureAwait(false);
        }
        catch (Exception fault)
        {
            Log.LoopEnded(_context.Logger, Broker, fault);
            _senders.Poison(Broker, fault);
        }
    }

    private async Task LoopAsync()
    {
        while (!_closing.IsCancellationRequested)
        {
            TakeLanded();
            SetAppetite();
            TakeIncoming();
            Expire();
            HandOver();
            Send();
            NoteBusy(isSending: false);
            FailRefused();
            SetAppetite();
            TakeIncoming();
            await _signal.WaitAsync(Rest()).ConfigureAwait(false);
        }
    }

    private void SetAppetite()
    {
        _appetite = _flights >= _context.Options.MaxInFlight ? SenderAppetite.Nothing
            : Linger() > TimeSpan.Zero ? SenderAppetite.Closed
            : SenderAppetite.Any;
        Interlocked.MemoryBarrier();
    }

    private void TakeLanded()
    {
        while (_landed.TryDequeue(out ProduceFlight? flight))
        {
            _flights--;
            _seen = _hasSkipped ? null : _seen;
            _landing.Settle(flight);
            TimeSpan now = _context.Clock.Now;
            foreach ((PartitionQueue queue, _) in flight.Parts)
            {
                _queues.PlaceAgain(queue, _identity, now);
            }
        }
    }

    private void TakeIncoming()
    {
        while (_queues.TryTakeArrived(_identity, _context.Clock, out PartitionQueue? queue))
        {
            // It may have been sent here by metadata older than what is known now.
            if (BrokerSenders.LeaderOf(_context.Cluster.Metadata.Current, queue.Partition) != Broker)
            {
                _senders.List(queue, SenderNews.Closed);
                continue;
            }

            TimeSpan now = _context.Clock.Now;
            TimeSpan oldest = _queues.Own(queue, _identity, now);
            _expireAt = Earlier(_expireAt, Earlier(oldest, now) + _context.Options.DeliveryTimeout);
        }
    }

    private void Expire()
    {
        TimeSpan now = _context.Clock.Now;
        if (now < _expireAt)
        {
            return;
        }

        // What is opened from now on is younger than anything that is here.
        TimeSpan expireAt = now + _context.Options.DeliveryTimeout;
        for (int i = _queues.Count - 1; i >= 0; i--)
        {
            PartitionQueue queue = _queues[i];
            TimeSpan oldest = BatchExpiry.Take(queue, now - _context.Options.DeliveryTimeout, _expired);
            expireAt = oldest == TimeSpan.MaxValue ? expireAt : Earlier(expireAt, oldest + _context.Options.DeliveryTimeout);
            if (_expired.Count == 0)
            {
                continue;
            }

            _context.Identity?.Repair(queue);
            foreach (ProducerBatch batch in _expired)
            {
                string reason = batch.LastFailure ?? WhyNotSent(batch);
                string limit = $"DeliveryTimeout ({_context.Options.DeliveryTimeout.TotalSeconds:0.###} s) has passed.";
                _end.Fail(batch, queue.Partition, batch.LastError, $"{limit} The last reason: {reason}", batch.LastException ?? _link.LastFailure);
            }

            _expired.Clear();
            _queues.PlaceAgain(queue, _identity, now);
        }

        _expireAt = expireAt;
    }

    /// <summary>A credential that was refused would be refused again: what waits for this broker fails now, and not at the end of its time.</summary>
    private void FailRefused()
    {
        if (_link.TakeRefusal() is not { } refusal)
        {
            return;
        }

        TimeSpan now = _context.Clock.Now;
        for (int i = _queues.Count - 1; i >= 0; i--)
        {
            PartitionQueue queue = _queues[i];
            using (queue.Gate.Enter())
            {
                queue.RemoveOlderThan(TimeSpan.MaxValue, _expired);
            }

            if (_expired.Count == 0)
            {
                continue;
            }

            _context.Identity?.Repair(queue);
            foreach (ProducerBatch batch in _expired)
            {
                _end.Fail(batch, queue.Partition, refusal.Code, refusal.Message, refusal);
            }

            _expired.Clear();
            _queues.PlaceAgain(queue, _identity, now);
        }
    }

    private string WhyNotSent(ProducerBatch batch) =>
        Broker == BrokerSenders.NoBroker ? "the partition has no known leader."
        : batch.MayBeStored ? $"broker {Broker} has not answered."
        : _link.LastFailure is { } failure ? failure.Message
        : _context.Identity?.LastFailure is { } refusal ? $"no producer id was given: {refusal.Message}"
        : $"broker {Broker} was busy with earlier requests.";

    /// <summary>Gives queues that another broker leads now to that broker's sender.</summary>
    private void HandOver()
    {
        ClusterSnapshot cluster = _context.Cluster.Metadata.Current;
        if (ReferenceEquals(cluster, _seen))
        {
            LookUpLeaders();
            return;
        }

        _seen = cluster;
        _hasSkipped = false;
        for (int i = _queues.Count - 1; i >= 0; i--)
        {
            PartitionQueue queue = _queues[i];
            int leader = BrokerSenders.LeaderOf(cluster, queue.Partition);
            if (leader == Broker)
            {
                continue;
            }

            if (!_queues.TryDisown(queue))
            {
                // It is looked at again when something has landed.
                _hasSkipped = true;
                continue;
            }

            Log.LeaderMoved(_context.Logger, queue.Partition, Broker, leader);
            _senders.List(queue, SenderNews.Closed);
        }

        LookUpLeaders();
    }

    private void LookUpLeaders()
    {
        if (Broker != BrokerSenders.NoBroker || _queues.Count == 0)
        {
            _lookUps = 0;
            return;
        }

        TimeSpan now = _context.Clock.Now;
        if (now >= _lookUpAt)
        {
            _context.RequestMetadata();
            _lookUpAt = now + _context.Backoff.Pause(++_lookUps);
        }
    }

    private void Send()
    {
        if (_queues.Count == 0 || Broker == BrokerSenders.NoBroker)
        {
            return;
        }

        _identity = _context.Identity?.Current ?? ProducerIdentity.None;
        _queues.Schedule.ReleaseHeld();
        while (_flights < _context.Options.MaxInFlight && (_link.IsOpen || _boarding.HasReady(_identity, Linger())) && _link.Connection is { } connection
            && _boarding.Collect(_identity, Linger()) is { } flight)
        {
            _flights++;
            NoteBusy(isSending: true);
            _flying.RemoveAll(static f => f.IsCompleted);
            _flying.Add(FlyAsync(flight, connection));
        }
    }

    /// <summary>Nothing in flight: whatever is there goes now. Else open batches get their time to fill, unless someone presses.</summary>
    private TimeSpan Linger() => _flights == 0 || _context.IsHurried ? TimeSpan.Zero : _context.Options.Linger;

    /// <summary>Remembers since when no request could go to the broker, for a partitioner that leaves out such brokers.</summary>
    /// <param name="isSending">Whether a request sets out, so that the broker was not busy up to now.</param>
    private void NoteBusy(bool isSending)
    {
        if (_context.Options.PartitionAvailabilityTimeout == TimeSpan.Zero)
        {
            return;
        }

        bool isBusy = isSending || (Broker != BrokerSenders.NoBroker && _queues.Count > 0 && (_flights >= _context.Options.MaxInFlight || !_link.IsOpen));
        if (!isBusy)
        {
            Volatile.Write(ref _busySince, TimeSpan.MaxValue.Ticks);
        }
        else if (isSending || BusySince == TimeSpan.MaxValue)
        {
            Volatile.Write(ref _busySince, _context.Clock.Now.Ticks);
        }
    }

    private async Task FlyAsync(ProduceFlight flight, Connection connection)
    {
        TimeSpan sentAt = _context.Metrics.RequestSent(Broker, flight);
        try
        {
            await flight.FlyAsync(connection, _context).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            // Whatever it is, the loop decides what it means for each batch.
            flight.Failure = failure;
        }

        _context.Metrics.RequestEnded(Broker, sentAt, flight.Failure);

        // First the buffers, as far as they are free: whoever learns of the outcome finds them returned.
        Task returned = flight.GiveBackBuffersAsync();
        bool isHeld = !returned.IsCompleted;
        _landed.Enqueue(flight);
        if (flight.Failure is null)
        {
            // This is the connection's receive loop, which has nothing better to do than to let the next request go.
            _signal.SetInline();
        }
        else
        {
            _signal.Set();
        }

        await returned.ConfigureAwait(false);
        if (isHeld)
        {
            // A batch that is to get other sequence numbers waits for the last read of its buffer, which an answer can overtake as well as a failure.
            _signal.Set();
        }
    }

    /// <summary>Says when there is something to do again.</summary>
    private TimeSpan Rest()
    {
        bool mayFly = Broker != BrokerSenders.NoBroker && _flights < _context.Options.MaxInFlight;
        TimeSpan linger = Linger();
        TimeSpan next = mayFly ? Later(_queues.Schedule.NextAt(linger), _link.ReadyAt) : TimeSpan.MaxValue;
        next = _queues.Count > 0 ? Earlier(next, _expireAt) : next;
        if (_appetite != SenderAppetite.Any)
        {
            // Nobody tells of a batch that is opened from now on.
            TimeSpan look = _appetite == SenderAppetite.Closed ? linger : _context.Options.DeliveryTimeout;
            next = Earlier(next, _context.Clock.Now + look);
        }

        return Broker == BrokerSenders.NoBroker && _queues.Count > 0 ? Earlier(next, _lookUpAt) : next;
    }

    private static TimeSpan Earlier(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static TimeSpan Later(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
