using Milena.Kafka.Network.Internal;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Producer.Internal.Transactions;

/// <summary>What follows from the generation for single requests.</summary>
internal static class TransactionProtocols
{
    private const string Feature = "transaction.version";
    private const short SecondLevel = 2;
    private const short EndWithEpoch = 5;

    /// <summary>The generation that a coordinator's cluster has agreed on.</summary>
    public static TransactionProtocol Of(BrokerVersions coordinator) =>
        coordinator.FeatureLevel(Feature) >= SecondLevel && coordinator.TryNegotiate(Apis.EndTxn, short.MaxValue, out short end) && end >= EndWithEpoch
            ? TransactionProtocol.Second
            : TransactionProtocol.First;

    extension(TransactionProtocol protocol)
    {
        public short MaxProduceVersion => protocol == TransactionProtocol.Second ? short.MaxValue : (short)11;

        public short MaxEndVersion => protocol == TransactionProtocol.Second ? short.MaxValue : (short)4;

        public short MaxOffsetCommitVersion => protocol == TransactionProtocol.Second ? short.MaxValue : (short)4;
    }
}
