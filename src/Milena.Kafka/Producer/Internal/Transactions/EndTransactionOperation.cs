using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Network.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Producer.Internal.Transactions;

/// <summary>Asks the coordinator to commit or abort, as often as it takes, and remembers whether an attempt may have been heeded whose answer was lost.</summary>
internal sealed class EndTransactionOperation : Operation<string, EndTxnRequest, EndTxnResponse, ProducerIdentity>
{
    private readonly ProducerIdentity _identity;
    private readonly TransactionProtocol _protocol;
    private readonly bool _commit;
    private int _open;

    public EndTransactionOperation(ProducerIdentity identity, TransactionProtocol protocol, bool commit)
    {
        _identity = identity;
        _protocol = protocol;
        _commit = commit;
        NextProtocol = protocol;
    }

    /// <summary>Whether some attempt may have been heeded without an answer that says so.</summary>
    public bool IsAmbiguous => Volatile.Read(ref _open) > 0;

    /// <summary>The generation that the coordinator offers now: brokers may have been replaced since the transaction began.</summary>
    public TransactionProtocol NextProtocol { get; private set; }

    public override Api Api => Apis.EndTxn;

    public override bool IsInline => true;

    public override short MaxVersion => _protocol.MaxEndVersion;

    public override Route RouteOf(string key) => Route.ToCoordinator(CoordinatorKeyType.Transaction, key);

    public override void Meet(BrokerVersions broker) => NextProtocol = TransactionProtocols.Of(broker);

    public override EndTxnRequest CreateRequest(IReadOnlyList<string> keys, short version)
    {
        Interlocked.Increment(ref _open);
        return new EndTxnRequest { TransactionalId = keys[0], ProducerId = _identity.Id, ProducerEpoch = _identity.Epoch, Committed = _commit };
    }

    public override void Read(IReadOnlyList<string> keys, EndTxnResponse response, AnswerSheet<string, ProducerIdentity> answers)
    {
        if (response.ErrorCode == ErrorCode.None)
        {
            answers.Succeed(keys[0], response.ProducerId >= 0 ? new ProducerIdentity(response.ProducerId, response.ProducerEpoch) : _identity);
            return;
        }

        if (TransactionErrors.IsSureRefusal(response.ErrorCode))
        {
            Interlocked.Decrement(ref _open);
        }

        answers.Fail(keys[0], response.ErrorCode);
    }

    public override string Describe(string key) => $"{(_commit ? "Committing" : "Aborting")} the transaction of '{key}'";

    public override RecoveryAction Decide(ErrorCode error) => TransactionErrors.Decide(TransactionStep.End, error);
}
