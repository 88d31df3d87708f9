using Microsoft.Extensions.Logging;

namespace Milena.Kafka.Consumer.Internal.Processing;

/// <summary>What the processing needs of its consumer.</summary>
internal sealed record ProcessingContext(FetchEngine Engine, RunOptions Options, string? GroupId, ForwardRecord Forward, ConsumerMetrics Metrics, ConsumeSpans Spans, ILogger Log);
