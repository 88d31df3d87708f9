using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Protocol.Records;
using Milena.Kafka.Testing.State;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>All partitions of a fetch, read once. Owned by the loop of its connection.</summary>
internal sealed class FetchRound
{
    private const short FirstVersionWithTopicIds = 13;

    private const short FirstVersionOfMagic1 = 2;
    private const short FirstVersionOfMagic2 = 4;

    private readonly List<(FetchTarget Target, FetchResponse.PartitionData Answer)> _answers = [];
    private readonly FetchRequest _request;
    private readonly RequestContext _context;
    private int _bytesLeft;
    private long _bytesRead;
    private bool _hasFirstBatch;
    private bool _hasNews;
    private bool _isWaitUseful;

    private FetchRound(FetchRequest request, RequestContext context)
    {
        _request = request;
        _context = context;
        _bytesLeft = Math.Min(Math.Min(request.MaxBytes, context.Cluster.Options.MaxFetchBytes), context.Quotas.MaxFetchBytes(context));
    }

    public IReadOnlyList<(FetchTarget Target, FetchResponse.PartitionData Answer)> Answers => _answers;

    /// <summary>Whether the client is to be answered at once: enough bytes, an error that it must know, or nothing to wait for.</summary>
    public bool IsEnough => _hasNews || !_isWaitUseful || _bytesRead >= _request.MinBytes;

    public static FetchRound Read(IReadOnlyList<FetchTarget> targets, FetchRequest request, RequestContext context)
    {
        var round = new FetchRound(request, context);
        foreach (FetchTarget target in targets)
        {
            round._answers.Add((target, round.Read(target)));
        }

        return round;
    }

    public static TopicState? Find(FetchKey key, RequestContext context) =>
        context.Version >= FirstVersionWithTopicIds ? context.Cluster.Topic(key.TopicId) : context.Cluster.Topic(key.Topic);

    public static FetchResponse.PartitionData Failed(int partition, ErrorCode error) => new()
    {
        PartitionIndex = partition,
        ErrorCode = error,
        HighWatermark = -1,
        LastStableOffset = -1,
        LogStartOffset = -1,
        AbortedTransactions = null,
        Records = ReadOnlyMemory<byte>.Empty,
    };

    private bool OnlyCommitted => _request.IsolationLevel == (sbyte)IsolationLevel.ReadCommitted;

    private FetchResponse.PartitionData Read(FetchTarget target)
    {
        TopicState? topic = Find(target.Key, _context);
        if ((_context.ErrorBefore(topic?.Name, target.Key.Partition) ?? _context.ErrorAfter(topic?.Name, target.Key.Partition)) is { } planned)
        {
            _hasNews = true;
            return Failed(target.Key.Partition, planned);
        }

        if (topic?.Partition(target.Key.Partition) is not { } partition)
        {
            // As in Kafka, a partition that is not there does not cut the wait for the others short.
            return Failed(
                target.Key.Partition,
                topic is null && _context.Version >= FirstVersionWithTopicIds ? ErrorCode.UnknownTopicId : ErrorCode.UnknownTopicOrPartition);
        }

        return Read(partition, target.Wanted);
    }

    private FetchResponse.PartitionData Read(PartitionState partition, FetchRequest.FetchPartition wanted)
    {
        int limit = Math.Max(0, Math.Min(wanted.PartitionMaxBytes, _bytesLeft));
        PartitionRead read = partition.Read(
            _context.Broker.Id,
            new ReadRequest(wanted.FetchOffset, wanted.CurrentLeaderEpoch, wanted.LastFetchedEpoch, limit, !_hasFirstBatch, OnlyCommitted));
        if (read.Error != ErrorCode.None)
        {
            _hasNews = true;
            return Failed(partition.Index, read.Error);
        }

        _isWaitUseful = true;
        _hasNews |= read.DivergingEpoch is not null;
        ReadOnlyMemory<byte> records = read.Records;
        if (records.Length < read.FirstBatchSize)
        {
            records = default;
        }

        _hasFirstBatch |= records.Length > 0;
        _bytesLeft = Math.Max(0, _bytesLeft - records.Length);
        _bytesRead += records.Length;
        return _context.Version >= FirstVersionOfMagic2 ? Describe(partition, read, records) : Downgrade(partition, read, records);
    }

    private FetchResponse.PartitionData Downgrade(PartitionState partition, PartitionRead read, ReadOnlyMemory<byte> records)
    {
        try
        {
            byte magic = _context.Version >= FirstVersionOfMagic1 ? (byte)1 : (byte)0;
            return Describe(partition, read, MessageSetDowngrade.ToMessageSet(records, magic, _context.Cluster.Options.Codecs));
        }
        catch (UnsupportedCompressionException)
        {
            _hasNews = true;
            return Failed(partition.Index, ErrorCode.UnsupportedCompressionType);
        }
    }

    private FetchResponse.PartitionData Describe(PartitionState partition, PartitionRead read, ReadOnlyMemory<byte> records)
    {
        var data = new FetchResponse.PartitionData
        {
            PartitionIndex = partition.Index,
            HighWatermark = read.Offsets.HighWatermark,
            LastStableOffset = read.Offsets.LastStable,
            LogStartOffset = read.Offsets.Start,
            AbortedTransactions = OnlyCommitted
                ? [.. read.Aborted.Select(aborted => new FetchResponse.AbortedTransaction { ProducerId = aborted.ProducerId, FirstOffset = aborted.FirstOffset })]
                : null,
            Records = records,
        };
        if (read.DivergingEpoch is (int epoch, long endOffset))
        {
            data.DivergingEpoch = new() { Epoch = epoch, EndOffset = endOffset };
        }

        return data;
    }
}
