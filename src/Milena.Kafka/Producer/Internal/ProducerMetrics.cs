using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Milena.Kafka.Diagnostics.Internal;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Producer.Internal;

/// <summary>What one producer tells its meter: once per batch, request or event, never per record. Any thread.</summary>
/// <remarks>Whoever listens runs within the measurement. What a listener throws ends here: a sender's loop must not end by it.</remarks>
internal sealed class ProducerMetrics : IObservedProducer, IDisposable
{
    private readonly ConcurrentDictionary<int, RequestCount> _requests = new();
    private readonly ProducerInstruments _instruments;
    private readonly BatchMemory _memory;
    private readonly ProducerClock _clock;
    private readonly string _clientId;
    private readonly long _limit;
    private readonly ILogger _logger;
    private int _hasThrown;

    public ProducerMetrics(IMeterFactory? factory, string clientId, long limit, BatchMemory memory, ProducerClock clock, ILogger logger)
    {
        _logger = logger;
        _instruments = ProducerInstruments.Of(factory);
        _clientId = clientId;
        _limit = limit;
        _memory = memory;
        _clock = clock;
        _instruments.Add(this);
    }

    public Measurement<long> BufferUsed => new(_limit - _memory.Budget.Available, Identity());

    public Measurement<long> BufferLimit => new(_limit, Identity());

    public IEnumerable<Measurement<long>> InFlight => _requests.Values.Select(r => new Measurement<long>(Volatile.Read(ref r.InFlight), Identity(r)));

    /// <summary>A batch is stored.</summary>
    public void BatchStored(ProducerBatch batch)
    {
        if (_instruments.SentBytes.Enabled || _instruments.BatchSize.Enabled || _instruments.BatchRecords.Enabled)
        {
            TagList tags = Identity(batch.Delivery.Partition.Topic);
            Add(_instruments.SentBytes, batch.Size, tags);
            Record(_instruments.BatchSize, batch.Size, tags);
            Record(_instruments.BatchRecords, batch.Count, tags);
        }

        BatchEnded(batch, null);
    }

    /// <summary>A batch has failed.</summary>
    public void BatchFailed(ProducerBatch batch, ErrorCode code, Exception? cause)
    {
        if (_instruments.SentMessages.Enabled || _instruments.OperationDuration.Enabled)
        {
            BatchEnded(batch, ErrorTypes.Of(code, cause));
        }
    }

    /// <summary>A request with batches sets out.</summary>
    /// <returns>When, for <see cref="RequestEnded"/>.</returns>
    public TimeSpan RequestSent(int broker, ProduceFlight flight)
    {
        TimeSpan now = _clock.Now;
        Interlocked.Increment(ref CountOf(broker).InFlight);
        if (_instruments.QueueDuration.Enabled)
        {
            foreach ((PartitionQueue queue, ProducerBatch batch) in flight.Parts)
            {
                if (batch.Failures == 0)
                {
                    Record(_instruments.QueueDuration, (now - batch.CreatedAt).TotalSeconds, Identity(queue.Partition.Topic));
                }
            }
        }

        return now;
    }

    /// <summary>A request is over.</summary>
    /// <param name="broker">The broker.</param>
    /// <param name="sentAt">What <see cref="RequestSent"/> said.</param>
    /// <param name="failure">Why there is no answer; null if there is one.</param>
    public void RequestEnded(int broker, TimeSpan sentAt, Exception? failure)
    {
        RequestCount count = CountOf(broker);
        Interlocked.Decrement(ref count.InFlight);
        if (_instruments.RequestDuration.Enabled)
        {
            TagList tags = Identity(count);
            if (failure is not null)
            {
                tags.Add(Tags.Error, ErrorTypes.Of(ErrorCode.None, failure));
            }

            Record(_instruments.RequestDuration, (_clock.Now - sentAt).TotalSeconds, tags);
        }
    }

    /// <summary>A batch is sent again.</summary>
    public void BatchRetried(ProducerBatch batch)
    {
        if (_instruments.Retries.Enabled)
        {
            TagList tags = Identity(batch.Delivery.Partition.Topic);
            tags.Add(Tags.Error, ErrorTypes.Of(batch.LastError, batch.LastException));
            Add(_instruments.Retries, 1, tags);
        }
    }

    /// <summary>A batch was too large for the broker.</summary>
    public void BatchSplit(TopicPartition partition)
    {
        if (_instruments.Splits.Enabled)
        {
            Add(_instruments.Splits, 1, Identity(partition.Topic));
        }
    }

    /// <summary>The identity was counted up.</summary>
    public void EpochBumped()
    {
        if (_instruments.EpochBumps.Enabled)
        {
            Add(_instruments.EpochBumps, 1, Identity());
        }
    }

    public void Dispose() => _instruments.Remove(this);

    private void BatchEnded(ProducerBatch batch, string? error)
    {
        if (!_instruments.SentMessages.Enabled && !_instruments.OperationDuration.Enabled)
        {
            return;
        }

        TagList tags = Identity(batch.Delivery.Partition.Topic);
        tags.Add(Tags.OperationName, Tags.Send);
        tags.Add(Tags.OperationType, Tags.Send);
        if (error is not null)
        {
            tags.Add(Tags.Error, error);
        }

        Add(_instruments.SentMessages, batch.Count, tags);
        Record(_instruments.OperationDuration, (_clock.Now - batch.CreatedAt).TotalSeconds, tags);
    }

    private void Add(Counter<long> counter, long amount, in TagList tags)
    {
        try
        {
            counter.Add(amount, tags);
        }
        catch (Exception thrown)
        {
            ListenerThrew(thrown);
        }
    }

    private void Record<T>(Histogram<T> histogram, T value, in TagList tags)
        where T : struct
    {
        try
        {
            histogram.Record(value, tags);
        }
        catch (Exception thrown)
        {
            ListenerThrew(thrown);
        }
    }

    private void ListenerThrew(Exception thrown)
    {
        // It would throw for each batch: once is enough to know.
        if (Interlocked.Exchange(ref _hasThrown, 1) == 0)
        {
            Log.ListenerThrew(_logger, thrown);
        }
    }

    private RequestCount CountOf(int broker) => _requests.GetOrAdd(broker, static id => new RequestCount(id.ToString(CultureInfo.InvariantCulture)));

    private TagList Identity() => new() { { Tags.System, Tags.Kafka }, { Tags.ClientId, _clientId } };

    private TagList Identity(string topic) => new() { { Tags.System, Tags.Kafka }, { Tags.ClientId, _clientId }, { Tags.Topic, topic } };

    private TagList Identity(RequestCount requests) => new() { { Tags.System, Tags.Kafka }, { Tags.ClientId, _clientId }, { Tags.Broker, requests.Broker } };

    private sealed class RequestCount(string broker)
    {
        public long InFlight;

        public string Broker { get; } = broker;
    }
}
