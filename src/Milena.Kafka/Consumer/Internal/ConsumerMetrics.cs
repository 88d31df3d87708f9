using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Diagnostics.Internal;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Consumer.Internal;

/// <summary>What one consumer tells its meter: once per batch, request, handler or event. Any thread.</summary>
internal sealed class ConsumerMetrics : IObservedConsumer, IDisposable
{
    private readonly ConsumerInstruments _instruments;
    private readonly FetchState _state;
    private readonly TimeProvider _time;
    private readonly string _clientId;
    private readonly string? _groupId;

    public ConsumerMetrics(KafkaClientOptions client, string? groupId, FetchState state)
    {
        _instruments = ConsumerInstruments.Of(client.MeterFactory);
        _state = state;
        _time = client.TimeProvider;
        _clientId = client.ClientId;
        _groupId = groupId;
        _instruments.Add(this);
    }

    public IEnumerable<Measurement<long>> Lag => _state.Lags().Select(l =>
    {
        TagList tags = Identity(l.Partition.Topic);
        tags.Add(Tags.Partition, l.Partition.Partition.ToString(CultureInfo.InvariantCulture));
        return new Measurement<long>(l.Lag, tags);
    });

    public Measurement<long> Buffered => new(_state.BufferedBytes(), Identity());

    public Measurement<double> Idle => new(_state.Idle.TotalSeconds, Identity());

    /// <summary>A batch was opened for the loop.</summary>
    public void Consumed(string topic, int records, int bytes)
    {
        if (_instruments.ConsumedMessages.Enabled || _instruments.ConsumedBytes.Enabled)
        {
            TagList tags = Identity(topic);
            tags.Add(Tags.OperationName, Tags.Poll);
            _instruments.ConsumedMessages.Add(Math.Max(0, records), tags);
            _instruments.ConsumedBytes.Add(bytes, tags);
        }
    }

    /// <summary>A fetch has ended.</summary>
    public void Fetched(int broker, long started, long? bytes, KafkaException? failure)
    {
        if (!_instruments.FetchDuration.Enabled && !_instruments.FetchSize.Enabled)
        {
            return;
        }

        TagList tags = Identity();
        tags.Add(Tags.Broker, broker.ToString(CultureInfo.InvariantCulture));
        if (bytes is { } size)
        {
            _instruments.FetchSize.Record(size, tags);
        }

        Fault(ref tags, failure);
        _instruments.FetchDuration.Record(_time.GetElapsedTime(started).TotalSeconds, tags);
    }

    /// <summary>The member has joined a generation, or got another assignment.</summary>
    public void Rebalanced(string cause)
    {
        if (_instruments.Rebalances.Enabled)
        {
            TagList tags = Identity();
            tags.Add(Tags.RebalanceCause, cause);
            _instruments.Rebalances.Add(1, tags);
        }
    }

    /// <summary>A commit has been answered or has failed.</summary>
    public void Committed(long started, Exception? failure)
    {
        if (_instruments.CommitDuration.Enabled)
        {
            TagList tags = Identity();
            Fault(ref tags, failure);
            _instruments.CommitDuration.Record(_time.GetElapsedTime(started).TotalSeconds, tags);
        }
    }

    /// <summary>A record that cannot be read was dealt with.</summary>
    public void Poisoned(string topic, Exception failure)
    {
        if (_instruments.PoisonRecords.Enabled)
        {
            TagList tags = Identity(topic);
            Fault(ref tags, failure);
            _instruments.PoisonRecords.Add(1, tags);
        }
    }

    /// <summary>The time, for what is measured from now on.</summary>
    public long Now => _time.GetTimestamp();

    /// <summary>A handler starts.</summary>
    /// <returns>When; 0 if nobody wants to know.</returns>
    public long HandlerStarts() => _instruments.ProcessDuration.Enabled ? Math.Max(1, _time.GetTimestamp()) : 0;

    /// <summary>A handler has ended.</summary>
    public void HandlerEnded(string topic, long started, Exception? failure)
    {
        if (started != 0)
        {
            TagList tags = Identity(topic);
            tags.Add(Tags.OperationName, Tags.Process);
            Fault(ref tags, failure);
            _instruments.ProcessDuration.Record(_time.GetElapsedTime(started).TotalSeconds, tags);
        }
    }

    public void Dispose() => _instruments.Remove(this);

    private static void Fault(ref TagList tags, Exception? failure)
    {
        if (failure is not null)
        {
            tags.Add(Tags.Error, ErrorTypes.Of(ErrorCode.None, failure));
        }
    }

    private TagList Identity()
    {
        var tags = new TagList { { Tags.System, Tags.Kafka }, { Tags.ClientId, _clientId } };
        if (_groupId is not null)
        {
            tags.Add(Tags.Group, _groupId);
        }

        return tags;
    }

    private TagList Identity(string topic)
    {
        TagList tags = Identity();
        tags.Add(Tags.Topic, topic);
        return tags;
    }
}
