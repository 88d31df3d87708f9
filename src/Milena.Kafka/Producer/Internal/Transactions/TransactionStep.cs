namespace Milena.Kafka.Producer.Internal.Transactions;

/// <summary>The steps of a transaction at which brokers can refuse something.</summary>
internal enum TransactionStep
{
    /// <summary>InitProducerId.</summary>
    Init,

    /// <summary>AddPartitionsToTxn.</summary>
    AddPartitions,

    /// <summary>Produce.</summary>
    Produce,

    /// <summary>AddOffsetsToTxn.</summary>
    AddOffsets,

    /// <summary>TxnOffsetCommit.</summary>
    CommitOffsets,

    /// <summary>EndTxn.</summary>
    End,
}
