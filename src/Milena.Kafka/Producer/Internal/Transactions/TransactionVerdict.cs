namespace Milena.Kafka.Producer.Internal.Transactions;

/// <summary>What an error means for a transaction (KIP-1050).</summary>
internal enum TransactionVerdict
{
    /// <summary>The same request may succeed later.</summary>
    Retry,

    /// <summary>The transaction can only be aborted; the producer goes on.</summary>
    Abortable,

    /// <summary>Another producer has taken over.</summary>
    Fenced,

    /// <summary>The producer cannot go on for another reason.</summary>
    Fatal,
}
