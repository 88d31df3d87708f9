using System.Diagnostics;
using System.Globalization;
using System.Text;
using Milena.Kafka.Diagnostics.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Producer.Internal;

/// <summary>The span of one record, from the call to its end, and its context in the record's headers.</summary>
internal static class SendSpan
{
    private const string TraceParent = "traceparent";
    private const string TraceState = "tracestate";

    /// <summary>Begins a span of the current one. The caller's <see cref="Activity.Current"/> stays as it is.</summary>
    /// <returns>The span; null if nobody wants this one.</returns>
    public static Activity? Start<TKey, TValue>(in ProducerRecord<TKey, TValue> record, string clientId)
    {
        var tags = new TagList
        {
            { Tags.System, Tags.Kafka },
            { Tags.OperationName, Tags.Send },
            { Tags.OperationType, Tags.Send },
            { Tags.Topic, record.Topic },
            { Tags.ClientId, clientId },
        };
        if (record.Key is string key)
        {
            tags.Add(Tags.MessageKey, key);
        }

        if (record.Value is null)
        {
            tags.Add(Tags.Tombstone, true);
        }

        Activity? before = Activity.Current;
        Activity? span = KafkaActivities.Source.StartActivity(ActivityKind.Producer, tags: tags, links: LinksOf(record.Headers), name: $"{Tags.Send} {record.Topic}");
        Activity.Current = before;
        return span;
    }

    /// <summary>The headers with the context of a span, or without a span of the current one, so that the decision not to sample goes along.</summary>
    /// <remarks>
    /// A context that the user has put in stays: by OpenTelemetry's conventions the context in which a message was created belongs to it for good, and whoever passes it on links to it.
    /// </remarks>
    public static Headers? Inject(Headers? headers, Activity? span)
    {
        Activity? source = span ?? Activity.Current;
        if (source is null || HasContext(headers))
        {
            return headers;
        }

        Headers carrier = headers?.Copy() ?? [];
        DistributedContextPropagator.Current.Inject(source, carrier, static (to, name, value) => ((Headers)to!).Add(name, value));
        return carrier;
    }

    public static void Stored(Activity? span, in DeliveryResult result)
    {
        if (span is null)
        {
            return;
        }

        span.SetTag(Tags.Partition, result.Partition.ToString(CultureInfo.InvariantCulture));
        if (result.Offset >= 0)
        {
            span.SetTag(Tags.Offset, result.Offset);
        }

        Stop(span);
    }

    public static void Failed(Activity? span, Exception failure)
    {
        if (span is null)
        {
            return;
        }

        if (failure is DeliveryException delivery)
        {
            span.SetTag(Tags.Partition, delivery.Partition.ToString(CultureInfo.InvariantCulture));
        }

        ErrorCode code = (failure as KafkaException)?.Code ?? ErrorCode.None;
        span.SetTag(Tags.Error, ErrorTypes.Of(code, (failure as DeliveryException)?.InnerException ?? failure));
        span.SetStatus(ActivityStatusCode.Error, failure.Message);
        Stop(span);
    }

    private static void Stop(Activity span)
    {
        // Stopping makes the parent current, on whatever thread this is.
        Activity? before = Activity.Current;
        span.Stop();
        Activity.Current = before;
    }

    private static bool HasContext(Headers? headers) => headers is not null && Find(headers, TraceParent) is not null;

    private static ActivityLink[]? LinksOf(Headers? headers) =>
        headers is not null && ActivityContext.TryParse(Find(headers, TraceParent), Find(headers, TraceState), isRemote: true, out ActivityContext created)
            ? [new ActivityLink(created)]
            : null;

    private static string? Find(Headers headers, string name)
    {
        foreach (ref readonly RecordHeader header in headers.AsSpan())
        {
            if (header.Key == name)
            {
                return Encoding.UTF8.GetString(header.Value.Span);
            }
        }

        return null;
    }
}
