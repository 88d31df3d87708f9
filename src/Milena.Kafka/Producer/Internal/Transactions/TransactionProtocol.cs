namespace Milena.Kafka.Producer.Internal.Transactions;

/// <summary>Which generation of the transaction protocol is spoken. The second (KIP-890, part 2) enrols partitions and groups by itself and gives each transaction an epoch of its own.</summary>
internal enum TransactionProtocol
{
    First = 1,
    Second = 2,
}
