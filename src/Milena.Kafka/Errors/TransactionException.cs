using Milena.Kafka.Protocol;

namespace Milena.Kafka;

/// <summary>A transaction was not committed, or it is not known whether it was. <see cref="Outcome"/> says which.</summary>
public sealed class TransactionException : KafkaException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="outcome">Whether it can be committed all the same.</param>
    /// <param name="code">The last error code of a broker; <see cref="ErrorCode.None"/> if there was none.</param>
    /// <param name="message">What failed, and what to do about it.</param>
    /// <param name="innerException">The first failure in the transaction.</param>
    public TransactionException(TransactionOutcome outcome, ErrorCode code, string message, Exception? innerException = null) : base(code, message, innerException)
    {
        Outcome = outcome;
    }

    /// <summary><see cref="TransactionOutcome.Aborted"/>: nothing of it counts or will count. <see cref="TransactionOutcome.Unknown"/>: the coordinator could not be asked.</summary>
    public TransactionOutcome Outcome { get; }

    /// <inheritdoc/>
    /// <remarks>The same records can be produced in another transaction, if none of this one counts.</remarks>
    public override bool IsRetriable => Outcome == TransactionOutcome.Aborted;
}
