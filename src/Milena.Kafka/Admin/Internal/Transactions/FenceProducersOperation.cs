using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Admin.Internal.Transactions;

/// <summary>Takes the place of the producers of transactional ids, which fences them and aborts what they have open (KIP-98, KIP-939).</summary>
internal sealed class FenceProducersOperation : Operation<string, InitProducerIdRequest, InitProducerIdResponse, FencedProducer>
{
    private readonly TimeSpan _timeout;

    /// <param name="timeout">The time-out of transactions that nobody will begin. The coordinator also writes its own log in this time.</param>
    public FenceProducersOperation(TimeSpan timeout) => _timeout = timeout;

    public override Api Api => Apis.InitProducerId;

    public override int KeysPerRequest(short version) => 1;

    public override Route RouteOf(string key) => Route.ToCoordinator(CoordinatorKeyType.Transaction, key);

    public override InitProducerIdRequest CreateRequest(IReadOnlyList<string> keys, short version) =>
        new() { TransactionalId = keys[0], TransactionTimeoutMs = (int)_timeout.TotalMilliseconds };

    public override void Read(IReadOnlyList<string> keys, InitProducerIdResponse response, AnswerSheet<string, FencedProducer> answers) =>
        answers.Note(keys[0], response.ErrorCode, null, new FencedProducer(response.ProducerId, response.ProducerEpoch));

    public override string Describe(string key) => $"Fencing the producers of transactional id '{key}'";
}
