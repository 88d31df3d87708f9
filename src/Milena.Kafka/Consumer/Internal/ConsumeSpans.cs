using System.Diagnostics;
using System.Globalization;
using System.Text;
using Milena.Kafka.Diagnostics.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Consumer.Internal;

/// <summary>The spans of a consumer: one for each batch that is received, one for each run of a handler or loop body. They follow the W3C context in records' headers.</summary>
internal sealed class ConsumeSpans
{
    private const int MostLinks = 128;

    private readonly string _clientId;
    private readonly string? _groupId;
    private readonly TimeProvider _time;

    public ConsumeSpans(KafkaClientOptions client, string? groupId)
    {
        _clientId = client.ClientId;
        _groupId = groupId;
        _time = client.TimeProvider;
    }

    /// <summary>Whether anybody listens; else nothing else here needs to be called.</summary>
    public static bool AreWanted => KafkaActivities.HasListeners;

    public DateTimeOffset Now => _time.GetUtcNow();

    /// <summary>A batch was received: a span from the asking until now, linked to where its records come from.</summary>
    public void Received(TopicPartition partition, BatchRecords batch, DateTimeOffset asked)
    {
        TagList tags = Identity(partition, Tags.Poll, Tags.Receive);
        tags.Add(Tags.BatchCount, Math.Max(0, batch.Batch.RecordCount));
        Activity? before = Activity.Current;
        Activity? span = KafkaActivities.Source.StartActivity(ActivityKind.Client, tags: tags, links: LinksOf(batch), startTime: asked, name: $"{Tags.Poll} {partition.Topic}");
        span?.Stop();
        Activity.Current = before;
    }

    /// <summary>Starts the span of a handler; it is the current one until it is disposed. Its parent is where the record comes from.</summary>
    /// <returns>The span; null if nobody wants it.</returns>
    public Activity? StartProcess(TopicPartition partition, long offset, RecordHeaders headers, string? key)
    {
        if (!AreWanted)
        {
            return null;
        }

        TagList tags = Identity(partition, Tags.Process, Tags.Process);
        tags.Add(Tags.Offset, offset);
        if (key is not null)
        {
            tags.Add(Tags.MessageKey, key);
        }

        return KafkaActivities.Source.StartActivity(ActivityKind.Consumer, ContextOf(headers), tags, name: $"{Tags.Process} {partition.Topic}");
    }

    /// <summary>Starts the span of a handler that is given a batch, within the span of a transaction and linked to where the records come from.</summary>
    /// <returns>The span; null if nobody wants it.</returns>
    public Activity? StartProcess(TopicPartition partition, BatchRecords batch, int count, ActivityContext parent)
    {
        if (!AreWanted)
        {
            return null;
        }

        TagList tags = Identity(partition, Tags.Process, Tags.Process);
        tags.Add(Tags.BatchCount, count);
        return KafkaActivities.Source.StartActivity(ActivityKind.Consumer, parent, tags, LinksOf(batch), name: $"{Tags.Process} {partition.Topic}");
    }

    /// <summary>Notes in a span what went wrong.</summary>
    public static void Failed(Activity? span, Exception failure)
    {
        if (span is not null)
        {
            span.SetTag(Tags.Error, ErrorTypes.Of(ErrorCode.None, failure));
            span.SetStatus(ActivityStatusCode.Error, failure.Message);
        }
    }

    /// <summary>The context in a record's headers; none if there is none or it is malformed, which must not stop anything.</summary>
    public static ActivityContext ContextOf(RecordHeaders headers)
    {
        string? parent = null;
        string? state = null;
        foreach (RecordHeader header in headers)
        {
            if (header.Utf8Key.Span.SequenceEqual("traceparent"u8))
            {
                parent = Encoding.UTF8.GetString(header.Value.Span);
            }
            else if (header.Utf8Key.Span.SequenceEqual("tracestate"u8))
            {
                state = Encoding.UTF8.GetString(header.Value.Span);
            }
        }

        return parent is not null && ActivityContext.TryParse(parent, state, isRemote: true, out ActivityContext context) ? context : default;
    }

    private static List<ActivityLink> LinksOf(BatchRecords batch)
    {
        var links = new List<ActivityLink>();
        var seen = new HashSet<ActivityContext>();
        try
        {
            foreach (ref readonly Record record in batch)
            {
                ActivityContext context = ContextOf(record.Headers);
                if (context != default && seen.Add(context))
                {
                    links.Add(new ActivityLink(context));
                }

                if (links.Count == MostLinks)
                {
                    break;
                }
            }
        }
        catch (ProtocolException)
        {
            // A damaged record is told when it is reached; the span has the links before it.
        }

        return links;
    }

    private TagList Identity(TopicPartition partition, string operation, string type)
    {
        var tags = new TagList
        {
            { Tags.System, Tags.Kafka },
            { Tags.OperationName, operation },
            { Tags.OperationType, type },
            { Tags.Topic, partition.Topic },
            { Tags.Partition, partition.Partition.ToString(CultureInfo.InvariantCulture) },
            { Tags.ClientId, _clientId },
        };
        if (_groupId is not null)
        {
            tags.Add(Tags.Group, _groupId);
        }

        return tags;
    }
}
