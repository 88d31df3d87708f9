using System.Text;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Protocol.Records;
using static Milena.Kafka.Testing.Tests.Requests;

namespace Milena.Kafka.Testing.Tests.Transactions;

/// <summary>The requests of a transactional producer of either generation, each sent to the broker that it is for. It retries nothing.</summary>
internal sealed class TransactionalProducer(ClusterClients clients, string transactionalId, bool isSecondGeneration = true)
{
    private readonly Dictionary<int, int> _sequences = [];

    public string TransactionalId => transactionalId;

    public bool IsSecondGeneration => isSecondGeneration;

    public long Id { get; set; } = -1;

    public short Epoch { get; set; } = -1;

    public TestCluster Cluster => clients.Cluster;

    public async Task<ErrorCode> InitializeAsync(int timeoutMs = 60_000, bool goesOn = false, short version = 5)
    {
        InitProducerIdResponse response = await SendToCoordinatorAsync(
            new InitProducerIdRequest
            {
                TransactionalId = transactionalId,
                TransactionTimeoutMs = timeoutMs,
                ProducerId = goesOn ? Id : -1,
                ProducerEpoch = goesOn ? Epoch : (short)-1,
            },
            version);
        if (response.ErrorCode == ErrorCode.None)
        {
            Take(response.ProducerId, response.ProducerEpoch);
        }

        return response.ErrorCode;
    }

    public async Task<ErrorCode> AddAsync(int partition, short version = 3) =>
        (await SendToCoordinatorAsync(
            new AddPartitionsToTxnRequest
            {
                V3AndBelowTransactionalId = transactionalId,
                V3AndBelowProducerId = Id,
                V3AndBelowProducerEpoch = Epoch,
                V3AndBelowTopics = [new() { Name = Topic, Partitions = [partition] }],
            },
            version)).ResultsByTopicV3AndBelow.Single().ResultsByPartition.Single().PartitionErrorCode;

    /// <summary>Writes, and before that enrols the partition if the generation demands it.</summary>
    public async Task<ErrorCode> WriteAsync(int partition, params string[] values)
    {
        ErrorCode error = isSecondGeneration ? ErrorCode.None : await AddAsync(partition);
        return error == ErrorCode.None ? await ProduceAsync(partition, values) : error;
    }

    public Task<ErrorCode> ProduceAsync(int partition, params string[] values) => ProduceAsync((short)(isSecondGeneration ? 12 : 11), partition, values);

    public async Task<ErrorCode> ProduceAsync(short version, int partition, params string[] values)
    {
        int sequence = _sequences.GetValueOrDefault(partition);
        ProduceRequest request = Produce(Batch(new BatchProducer(Id, Epoch, sequence), values), partition);
        request.TransactionalId = transactionalId;
        RawClient leader = await clients.ToAsync(Cluster.Leader(Topic, partition));
        ErrorCode error = (await leader.SendAsync(request, version, clients.Bound)).Responses.Single().PartitionResponses.Single().ErrorCode;
        if (error == ErrorCode.None)
        {
            _sequences[partition] = sequence + values.Length;
        }

        return error;
    }

    public async Task<ErrorCode> AddGroupAsync(string group, short version = 3) =>
        (await SendToCoordinatorAsync(
            new AddOffsetsToTxnRequest { TransactionalId = transactionalId, ProducerId = Id, ProducerEpoch = Epoch, GroupId = group },
            version)).ErrorCode;

    /// <summary>Stores a position, and before that enrols the group if the generation demands it.</summary>
    public async Task<ErrorCode> CommitAsync(string group, int partition, long offset)
    {
        ErrorCode error = isSecondGeneration ? ErrorCode.None : await AddGroupAsync(group);
        return error == ErrorCode.None ? await CommitOnlyAsync(group, partition, offset) : error;
    }

    public Task<ErrorCode> CommitOnlyAsync(string group, int partition, long offset, string memberId = "", int generation = -1, string? instanceId = null) =>
        CommitOnlyAsync((short)(isSecondGeneration ? 5 : 4), group, partition, offset, memberId, generation, instanceId);

    public async Task<ErrorCode> CommitOnlyAsync(
        short version, string group, int partition, long offset, string memberId = "", int generation = -1, string? instanceId = null)
    {
        RawClient coordinator = await clients.ToAsync(Cluster.Coordinator(group));
        TxnOffsetCommitResponse response = await coordinator.SendAsync(
            new TxnOffsetCommitRequest
            {
                TransactionalId = transactionalId,
                GroupId = group,
                ProducerId = Id,
                ProducerEpoch = Epoch,
                MemberId = memberId,
                GenerationIdOrMemberEpoch = generation,
                GroupInstanceId = instanceId,
                Topics = [new() { Name = Topic, Partitions = [new() { PartitionIndex = partition, CommittedOffset = offset, CommittedMetadata = transactionalId }] }],
            },
            version,
            clients.Bound);
        return response.Topics.Single().Partitions.Single().ErrorCode;
    }

    public Task<ErrorCode> EndAsync(bool isCommit) => EndAsync(isCommit, (short)(isSecondGeneration ? 5 : 4));

    public async Task<ErrorCode> EndAsync(bool isCommit, short version)
    {
        EndTxnResponse response = await SendEndAsync(isCommit, version);
        if (response.ErrorCode == ErrorCode.None && version >= 5)
        {
            Take(response.ProducerId, response.ProducerEpoch);
        }

        return response.ErrorCode;
    }

    /// <summary>Ends the transaction but takes no new epoch, as one does who has lost the answer.</summary>
    public Task<EndTxnResponse> SendEndAsync(bool isCommit, short version) => SendToCoordinatorAsync(
        new EndTxnRequest { TransactionalId = transactionalId, ProducerId = Id, ProducerEpoch = Epoch, Committed = isCommit },
        version);

    public static byte[] Batch(BatchProducer producer, params string[] values)
    {
        var writer = new RecordBatchWriter(new byte[RecordBatchWriter.HeaderSize + values.Sum(value => 64 + Encoding.UTF8.GetByteCount(value))]);
        foreach (string value in values)
        {
            Assert.That(writer.TryAppend(1_700_000_000_000, RecordBytes.Null, Encoding.UTF8.GetBytes(value)));
        }

        return writer.Close(RecordBatchFlags.Transactional, producer).ToArray();
    }

    private async Task<TResponse> SendToCoordinatorAsync<TResponse>(IRequest<TResponse> request, short version)
        where TResponse : IResponse<TResponse> =>
        await (await clients.ToAsync(Cluster.TransactionCoordinator(transactionalId))).SendAsync(request, version, clients.Bound);

    private void Take(long id, short epoch)
    {
        if (id != Id || epoch != Epoch)
        {
            _sequences.Clear();
        }

        (Id, Epoch) = (id, epoch);
    }
}
