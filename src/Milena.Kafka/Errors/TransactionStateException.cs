namespace Milena.Kafka;

/// <summary>A call that is not allowed where the transaction is, such as producing after its end. A mistake of the program; the message says what to do instead.</summary>
public sealed class TransactionStateException : InvalidOperationException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What was called, why it is not allowed, and what to do instead.</param>
    public TransactionStateException(string message) : base(message)
    {
    }
}
