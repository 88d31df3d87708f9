using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Protocol.Records;
using Milena.Kafka.Testing.State;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Finds offsets by time or by special position.</summary>
internal sealed class ListOffsetsHandler() : RequestHandler<ListOffsetsRequest, ListOffsetsResponse>(Apis.ListOffsets)
{
    private const short FirstVersionWithEpochs = 4;

    protected override ListOffsetsResponse Handle(ListOffsetsRequest request, RequestContext context)
    {
        HashSet<(string, int)> repeated = [.. request.Topics
            .SelectMany(topic => topic.Partitions, (topic, partition) => (topic.Name, partition.PartitionIndex))
            .GroupBy(partition => partition)
            .Where(same => same.Count() > 1)
            .Select(same => same.Key)];
        return Answer(request, (topic, asked) => repeated.Contains((topic, asked.PartitionIndex))
            ? Failed(asked, ErrorCode.InvalidRequest)
            : Find(topic, asked, request.IsolationLevel == (sbyte)IsolationLevel.ReadCommitted, context));
    }

    protected override ListOffsetsResponse Fail(ListOffsetsRequest request, ErrorCode error, RequestContext context) =>
        Answer(request, (_, asked) => Failed(asked, error));

    protected override IEnumerable<(string Topic, int? Partition)> Targets(ListOffsetsRequest request, RequestContext context) =>
        request.Topics.SelectMany(topic => topic.Partitions, (topic, partition) => (topic.Name, (int?)partition.PartitionIndex));

    private static ListOffsetsResponse Answer(
        ListOffsetsRequest request,
        Func<string, ListOffsetsRequest.ListOffsetsPartition, ListOffsetsResponse.ListOffsetsPartitionResponse> answer) => new()
        {
            Topics = [.. request.Topics.Select(topic => new ListOffsetsResponse.ListOffsetsTopicResponse
            {
                Name = topic.Name,
                Partitions = [.. topic.Partitions.Select(partition => answer(topic.Name, partition))],
            })],
        };

    private static ListOffsetsResponse.ListOffsetsPartitionResponse Find(
        string topic,
        ListOffsetsRequest.ListOffsetsPartition asked,
        bool onlyCommitted,
        RequestContext context)
    {
        PartitionState? partition = context.Cluster.Topic(topic)?.Partition(asked.PartitionIndex);
        ErrorCode error = context.ErrorBefore(topic, asked.PartitionIndex)
            ?? context.ErrorAfter(topic, asked.PartitionIndex)
            ?? partition?.CheckLeader(context.Broker.Id, asked.CurrentLeaderEpoch)
            ?? ErrorCode.UnknownTopicOrPartition;
        if (error == ErrorCode.None && asked.Timestamp < 0 && context.Version < FirstVersionOf(asked.Timestamp))
        {
            error = ErrorCode.UnsupportedVersion;
        }

        if (error != ErrorCode.None)
        {
            return Failed(asked, error);
        }

        return context.Version == 0 ? FindOldStyle(partition!, asked) : Find(partition!, asked, onlyCommitted, context);
    }

    private static short FirstVersionOf(long timestamp) => (ListOffsetsTimestamp)timestamp switch
    {
        ListOffsetsTimestamp.Latest or ListOffsetsTimestamp.Earliest => 0,
        ListOffsetsTimestamp.MaxTimestamp => 7,
        ListOffsetsTimestamp.EarliestLocal => 8,
        ListOffsetsTimestamp.LatestTiered => 9,
        ListOffsetsTimestamp.EarliestPendingUpload => 11,
        _ => short.MaxValue,
    };

    private static ListOffsetsResponse.ListOffsetsPartitionResponse Find(
        PartitionState partition,
        ListOffsetsRequest.ListOffsetsPartition asked,
        bool onlyCommitted,
        RequestContext context)
    {
        CompressionCodecs codecs = context.Cluster.Options.Codecs;
        LogOffsets offsets = partition.Offsets;
        long end = onlyCommitted ? offsets.LastStable : offsets.HighWatermark;
        (long timestamp, long offset) = (ListOffsetsTimestamp)asked.Timestamp switch
        {
            ListOffsetsTimestamp.Latest => (-1, end),
            ListOffsetsTimestamp.Earliest or ListOffsetsTimestamp.EarliestLocal => (-1, offsets.Start),
            ListOffsetsTimestamp.LatestTiered or ListOffsetsTimestamp.EarliestPendingUpload => (-1, -1),
            ListOffsetsTimestamp.MaxTimestamp => FindNewest(partition, offsets.Start, codecs),
            _ => FindByTime(partition, asked.Timestamp, offsets.Start, codecs),
        };
        if (asked.Timestamp is >= 0 or (long)ListOffsetsTimestamp.MaxTimestamp && offset >= end)
        {
            // What is not stable yet is not there for readers of committed records.
            (timestamp, offset) = (-1, -1);
        }

        return new ListOffsetsResponse.ListOffsetsPartitionResponse
        {
            PartitionIndex = asked.PartitionIndex,
            Timestamp = timestamp,
            Offset = offset,
            LeaderEpoch = offset >= 0 && context.Version >= FirstVersionWithEpochs ? partition.EpochAt(offset) : -1,
        };
    }

    private static (long Timestamp, long Offset) FindByTime(PartitionState partition, long timestamp, long start, CompressionCodecs codecs)
    {
        while (partition.FindBatch(start, timestamp) is { } batch)
        {
            if (FindRecord(batch, timestamp, start, codecs) is { } found)
            {
                return found;
            }

            start = batch.NextOffset;
        }

        return (-1, -1);
    }

    private static (long Timestamp, long Offset) FindNewest(PartitionState partition, long start, CompressionCodecs codecs) =>
        partition.FindNewestBatch() is { } batch && FindRecord(batch, batch.MaxTimestamp, start, codecs) is { } found ? found : (-1, -1);

    private static (long Timestamp, long Offset)? FindRecord(RecordBatch batch, long timestamp, long start, CompressionCodecs codecs)
    {
        // With log append time all records of a batch have one time; behind a codec that is not there, nobody can tell.
        bool isOpaque = batch.Compression != CompressionType.None && !codecs.TryGet(batch.Compression, out _);
        if (isOpaque || batch.TimestampType == TimestampType.LogAppendTime)
        {
            return (batch.MaxTimestamp, Math.Max(batch.BaseOffset, start));
        }

        using BatchRecords records = batch.OpenRecords(new RecordReadOptions { CheckCrc = false, Codecs = codecs });
        foreach (ref readonly Record record in records)
        {
            if (record.Offset >= start && record.Timestamp >= timestamp)
            {
                return (record.Timestamp, record.Offset);
            }
        }

        return null;
    }

    /// <summary>Version 0: as many offsets as wanted, the highest first. A log that was never rolled has only a start and an end.</summary>
    private static ListOffsetsResponse.ListOffsetsPartitionResponse FindOldStyle(PartitionState partition, ListOffsetsRequest.ListOffsetsPartition asked)
    {
        LogOffsets offsets = partition.Offsets;
        IEnumerable<long> known = asked.Timestamp == (long)ListOffsetsTimestamp.Latest ? [offsets.HighWatermark, offsets.Start] : [offsets.Start];
        return new ListOffsetsResponse.ListOffsetsPartitionResponse
        {
            PartitionIndex = asked.PartitionIndex,
            OldStyleOffsets = [.. known.Distinct().Take(Math.Max(0, asked.MaxNumOffsets))],
        };
    }

    private static ListOffsetsResponse.ListOffsetsPartitionResponse Failed(ListOffsetsRequest.ListOffsetsPartition asked, ErrorCode error) => new()
    {
        PartitionIndex = asked.PartitionIndex,
        ErrorCode = error,
    };
}
