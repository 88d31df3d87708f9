namespace Milena.Kafka.Protocol.Records;

/// <summary>A record batch or message set contradicts itself or its checksum.</summary>
public sealed class CorruptRecordBatchException : ProtocolException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="baseOffset">The offset in the first bytes of the batch.</param>
    /// <param name="position">The byte of the records field where the batch begins.</param>
    /// <param name="reason">What is wrong, without a full stop.</param>
    /// <param name="innerException">The cause, if it is another exception.</param>
    public CorruptRecordBatchException(long baseOffset, int position, string reason, Exception? innerException = null)
        : base($"The record batch of base offset {baseOffset} at byte {position} of the records is corrupt: {reason}.", innerException!)
    {
        BaseOffset = baseOffset;
        Position = position;
    }

    /// <summary>The offset in the first bytes of the batch, as far as it can be trusted.</summary>
    public long BaseOffset { get; }

    /// <summary>The byte of the records field where the batch begins.</summary>
    public int Position { get; }
}
