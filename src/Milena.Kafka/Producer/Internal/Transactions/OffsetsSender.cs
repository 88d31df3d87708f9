using Milena.Kafka.Cluster.Internal;

namespace Milena.Kafka.Producer.Internal.Transactions;

/// <summary>Gives the coordinators the offsets of a scope that is to be committed.</summary>
internal sealed class OffsetsSender
{
    private readonly ProducerContext _context;
    private readonly TransactionStatus _status;
    private readonly TransactionJudge _judge;
    private readonly TransactionRequests _requests;

    public OffsetsSender(ProducerContext context, TransactionStatus status, TransactionJudge judge, TransactionRequests requests)
    {
        _context = context;
        _status = status;
        _judge = judge;
        _requests = requests;
    }

    /// <summary>Sends them, group after group, up to the first failure. Never fails: that is judged.</summary>
    public async Task SendAsync(TransactionOffsets offsets)
    {
        foreach ((ConsumerGroupMetadata group, Dictionary<TopicPartition, PartitionOffset> positions) in offsets.Take())
        {
            _status.Do(machine => machine.NoteWork());
            if (!await AddAsync(group).ConfigureAwait(false) || !await CommitAsync(group, positions).ConfigureAwait(false))
            {
                return;
            }
        }
    }

    private async Task<bool> AddAsync(ConsumerGroupMetadata group)
    {
        if (_status.Protocol != TransactionProtocol.First)
        {
            return true;
        }

        Answer<bool> added = await _requests.AskAsync(new AddOffsetsOperation(_status.Id, _context.Identity!.Current), group.GroupId).ConfigureAwait(false);
        return Accept(TransactionStep.AddOffsets, added.Failure);
    }

    private async Task<bool> CommitAsync(ConsumerGroupMetadata group, Dictionary<TopicPartition, PartitionOffset> positions)
    {
        var operation = new CommitOffsetsOperation(_status.Id, _context.Identity!.Current, _status.Protocol, group, positions);
        Dictionary<TopicPartition, Answer<bool>> answers = await _requests.AskAsync(operation, positions.Keys).ConfigureAwait(false);
        return Accept(TransactionStep.CommitOffsets, answers.Values.Select(a => a.Failure).FirstOrDefault(f => f is not null));
    }

    private bool Accept(TransactionStep step, KafkaException? failure)
    {
        if (failure is not null)
        {
            _judge.Judge(step, failure);
        }

        return failure is null;
    }
}
