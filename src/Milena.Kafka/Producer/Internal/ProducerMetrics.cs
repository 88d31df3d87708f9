using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using Milena.Kafka.Diagnostics.Internal;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Producer.Internal;

/// <summary>What one producer tells its meter: once per batch, request or event, never per record. Any thread.</summary>
internal sealed class ProducerMetrics : IObservedProducer, IDisposable
{
    private readonly ConcurrentDictionary<int, RequestCount> _requests = new();
    private readonly ProducerInstruments _instruments;
    private readonly BatchMemory _memory;
    private readonly ProducerClock _clock;
    private readonly string _clientId;
    private readonly long _limit;

    public ProducerMetrics(IMeterFactory? factory, string clientId, long limit, BatchMemory memory, ProducerClock clock)
    {
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
            _instruments.SentBytes.Add(batch.Size, tags);
            _instruments.BatchSize.Record(batch.Size, tags);
            _instruments.BatchRecords.Record(batch.Count, tags);
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
                    _instruments.QueueDuration.Record((now - batch.CreatedAt).TotalSeconds, Identity(queue.Partition.Topic));
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

            _instruments.RequestDuration.Record((_clock.Now - sentAt).TotalSeconds, tags);
        }
    }

    /// <summary>A batch is sent again.</summary>
    public void BatchRetried(ProducerBatch batch)
    {
        if (_instruments.Retries.Enabled)
        {
            TagList tags = Identity(batch.Delivery.Partition.Topic);
            tags.Add(Tags.Error, ErrorTypes.Of(batch.LastError, batch.LastException));
            _instruments.Retries.Add(1, tags);
        }
    }

    /// <summary>A batch was too large for the broker.</summary>
    public void BatchSplit(TopicPartition partition)
    {
        if (_instruments.Splits.Enabled)
        {
            _instruments.Splits.Add(1, Identity(partition.Topic));
        }
    }

    /// <summary>The identity was counted up.</summary>
    public void EpochBumped()
    {
        if (_instruments.EpochBumps.Enabled)
        {
            _instruments.EpochBumps.Add(1, Identity());
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

        _instruments.SentMessages.Add(batch.Count, tags);
        _instruments.OperationDuration.Record((_clock.Now - batch.CreatedAt).TotalSeconds, tags);
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
