using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Network.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Producer.Internal.Transactions;

/// <summary>Asks the coordinator of a transactional id for an identity, which fences all earlier ones and ends their transactions (KIP-98), or for a newer one (KIP-360).</summary>
internal sealed class InitTransactionsOperation : Operation<string, InitProducerIdRequest, InitProducerIdResponse, ProducerIdentity>
{
    private const short LowestWithIdentity = 3;

    private readonly TimeSpan _timeout;
    private readonly ProducerIdentity _held;

    /// <summary>Makes one.</summary>
    /// <param name="timeout">After how long the coordinator aborts a transaction by itself.</param>
    /// <param name="held">The identity that is to be renewed; none for a producer that has none.</param>
    public InitTransactionsOperation(TimeSpan timeout, ProducerIdentity held)
    {
        _timeout = timeout;
        _held = held;
    }

    /// <summary>The generation of the protocol that the coordinator speaks.</summary>
    public TransactionProtocol Protocol { get; private set; } = TransactionProtocol.First;

    public override Api Api => Apis.InitProducerId;

    public override Route RouteOf(string key) => Route.ToCoordinator(CoordinatorKeyType.Transaction, key);

    public override void Meet(BrokerVersions broker) => Protocol = TransactionProtocols.Of(broker);

    public override InitProducerIdRequest CreateRequest(IReadOnlyList<string> keys, short version)
    {
        if (!_held.IsNone && version < LowestWithIdentity)
        {
            throw new UnsupportedVersionException("The coordinator is older than Kafka 2.5, where a producer cannot get a newer epoch after a failure without fencing others. Make a new producer.");
        }

        var request = new InitProducerIdRequest { TransactionalId = keys[0], TransactionTimeoutMs = (int)Math.Min(_timeout.TotalMilliseconds, int.MaxValue) };
        if (!_held.IsNone)
        {
            request.ProducerId = _held.Id;
            request.ProducerEpoch = _held.Epoch;
        }

        return request;
    }

    public override void Read(IReadOnlyList<string> keys, InitProducerIdResponse response, AnswerSheet<string, ProducerIdentity> answers)
    {
        if (response.ErrorCode == ErrorCode.None)
        {
            answers.Succeed(keys[0], new ProducerIdentity(response.ProducerId, response.ProducerEpoch));
        }
        else
        {
            answers.Fail(keys[0], response.ErrorCode);
        }
    }

    public override string Describe(string key) => $"Getting a producer id for the transactional id '{key}'";

    public override RecoveryAction Decide(ErrorCode error) => TransactionErrors.Decide(TransactionStep.Init, error);
}
