using Microsoft.Extensions.Logging;

namespace Milena.Kafka.Consumer.Internal;

/// <summary>Deals with records that cannot be read, as the consumer's policy says.</summary>
internal sealed class PoisonSettler
{
    private readonly PoisonPolicy _policy;
    private readonly string? _groupId;
    private readonly ForwardRecord _forward;
    private readonly ConsumerMetrics _metrics;
    private readonly ILogger _log;

    public PoisonSettler(ConsumerOptions options, ForwardRecord forward, ConsumerMetrics metrics, ILogger log)
    {
        _policy = options.PoisonRecords;
        _groupId = options.GroupId;
        _forward = forward;
        _metrics = metrics;
        _log = log;
    }

    /// <summary>Whether the reading ends with each of them.</summary>
    public bool Throws => _policy.Throws;

    /// <summary>Deals with one; when it has ended well, reading may go on behind it.</summary>
    /// <exception cref="SerializationException">The policy is to throw, or the dead letter could not be stored.</exception>
    public async ValueTask SettleAsync(SerializationException fault, CancellationToken cancellationToken)
    {
        if (_policy.Throws || fault.Record is not { } record)
        {
            throw fault;
        }

        if (_policy.Topic is { } topic)
        {
            await ForwardAsync(record, topic, fault, cancellationToken).ConfigureAwait(false);
            Log.PoisonForwarded(_log, record.TopicPartition, record.Offset, record.Part, topic, record.Failure.Message);
        }
        else
        {
            await _policy.HandleAsync(record, cancellationToken).ConfigureAwait(false);
            if (_policy.Skips)
            {
                Log.PoisonSkipped(_log, record.TopicPartition, record.Offset, record.Part, record.Failure.Message);
            }
        }

        _metrics.Poisoned(record.TopicPartition.Topic, record.Failure);
    }

    private async ValueTask ForwardAsync(PoisonRecord record, string topic, SerializationException fault, CancellationToken cancellationToken)
    {
        var place = new FailedPlace(record.TopicPartition, record.Offset, record.UnixTimestamp);
        var headers = FailureNote.Write(record.Headers, place, record.Failure, _groupId, record.Part, retry: null);
        try
        {
            await _forward(new ForwardedRecord(topic, record.Key, record.Value, headers), cancellationToken).ConfigureAwait(false);
        }
        catch (KafkaException failure)
        {
            throw new DeadLetterException(record.TopicPartition, record.Offset, topic, new AggregateException(failure, fault));
        }
    }
}
