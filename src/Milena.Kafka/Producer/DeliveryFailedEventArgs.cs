namespace Milena.Kafka;

/// <summary>Tells of records that were enqueued without awaiting their delivery, and that failed.</summary>
public sealed class DeliveryFailedEventArgs : EventArgs
{
    /// <summary>Creates the arguments.</summary>
    /// <param name="exception">Partition, status and reason.</param>
    /// <param name="recordCount">How many records failed together.</param>
    public DeliveryFailedEventArgs(DeliveryException exception, int recordCount)
    {
        Exception = exception;
        RecordCount = recordCount;
    }

    /// <summary>Partition, status and reason.</summary>
    public DeliveryException Exception { get; }

    /// <summary>How many records of this partition failed together.</summary>
    public int RecordCount { get; }
}
