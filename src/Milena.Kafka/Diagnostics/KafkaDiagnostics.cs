namespace Milena.Kafka;

/// <summary>The names under which the client measures and traces itself, for whoever listens: OpenTelemetry, <c>dotnet-counters</c>, a <c>MeterListener</c>.</summary>
/// <example><code>services.AddOpenTelemetry()
///     .WithMetrics(metrics => metrics.AddMeter(KafkaDiagnostics.MeterName))
///     .WithTracing(traces => traces.AddSource(KafkaDiagnostics.ActivitySourceName));</code></example>
/// <remarks>
/// <para>Without a listener nothing is measured, traced or put into headers. Names and tags follow OpenTelemetry's messaging conventions where these have any.</para>
/// <para>
/// Instruments of a producer, all with <c>messaging.system</c> = <c>kafka</c> and <c>messaging.client.id</c>, written once per batch or request and never per record:
/// <list type="table">
/// <listheader><term>Instrument</term><description>What it measures</description></listheader>
/// <item><term><c>messaging.client.sent.messages</c></term><description>Records whose delivery has ended, by topic; those that failed have <c>error.type</c>.</description></item>
/// <item><term><c>messaging.client.operation.duration</c></term><description>Seconds from the acceptance of a batch's first record to the end of its delivery, by topic.</description></item>
/// <item><term><c>kafka.producer.sent.bytes</c></term><description>Bytes of stored batches, as they lie in the log, by topic.</description></item>
/// <item><term><c>kafka.producer.batch.records</c>, <c>kafka.producer.batch.size</c></term><description>Records and bytes of each stored batch, by topic.</description></item>
/// <item><term><c>kafka.producer.queue.duration</c></term><description>Seconds from the opening of a batch until it first sets out, by topic.</description></item>
/// <item><term><c>kafka.producer.request.duration</c></term><description>Seconds from sending a produce request to its answer or failure, by broker.</description></item>
/// <item><term><c>kafka.producer.retries</c></term><description>Batches that are sent again, by topic, with <c>error.type</c>.</description></item>
/// <item><term><c>kafka.producer.splits</c>, <c>kafka.producer.epoch.bumps</c></term><description>Batches too large for the broker; idempotent rows begun anew.</description></item>
/// <item><term><c>kafka.producer.buffer.used</c>, <c>kafka.producer.buffer.limit</c></term><description>Bytes of the buffer that batches hold, and all there are.</description></item>
/// <item><term><c>kafka.producer.requests.in_flight</c></term><description>Unanswered requests, by broker.</description></item>
/// </list>
/// </para>
/// <para>
/// Instruments of a consumer, with <c>messaging.consumer.group.name</c> too if it has a group:
/// <list type="table">
/// <listheader><term>Instrument</term><description>What it measures</description></listheader>
/// <item><term><c>messaging.client.consumed.messages</c>, <c>kafka.consumer.consumed.bytes</c></term><description>Records and bytes of the batches that were opened for the loop, by topic.</description></item>
/// <item><term><c>messaging.process.duration</c></term><description>Seconds that a handler of <c>RunAsync</c> took, by topic; with <c>error.type</c> if it failed.</description></item>
/// <item><term><c>kafka.consumer.lag</c></term><description>Records from the position to the high watermark, by partition.</description></item>
/// <item><term><c>kafka.consumer.fetch.duration</c>, <c>kafka.consumer.fetch.size</c></term><description>Seconds of each fetch and bytes that it brought, by broker.</description></item>
/// <item><term><c>kafka.consumer.buffered</c></term><description>Bytes that were fetched and not yet handed out.</description></item>
/// <item><term><c>kafka.consumer.poll.idle</c></term><description>Seconds in which the loop has waited for records; its rate is Kafka's poll idle ratio.</description></item>
/// <item><term><c>kafka.consumer.rebalances</c></term><description>Generations that the consumer has joined, and changes of its assignment, by <c>kafka.rebalance.cause</c>: <c>joined</c>, <c>group_changed</c> (other members came, went or changed), <c>metadata_changed</c>, <c>subscription_changed</c>, <c>partitions_moved</c> (the second round of a cooperative rebalance), <c>answer_lost</c>, <c>membership_lost</c>, <c>poll_interval</c> (back after MaxPollInterval).</description></item>
/// <item><term><c>kafka.consumer.commit.duration</c></term><description>Seconds from sending offsets to the answer; with <c>error.type</c> if it failed.</description></item>
/// <item><term><c>kafka.consumer.poison.records</c></term><description>Records that could not be read and were not left to the loop, by topic.</description></item>
/// </list>
/// </para>
/// </remarks>
public static class KafkaDiagnostics
{
    /// <summary>The name of the <see cref="System.Diagnostics.Metrics.Meter"/>.</summary>
    public const string MeterName = "Milena.Kafka";

    /// <summary>The name of the <see cref="System.Diagnostics.ActivitySource"/>.</summary>
    public const string ActivitySourceName = "Milena.Kafka";
}
