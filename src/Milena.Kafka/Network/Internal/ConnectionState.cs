namespace Milena.Kafka.Network.Internal;

/// <summary>The life of a connection, in order.</summary>
internal enum ConnectionState
{
    /// <summary>The stream is there, versions are being negotiated.</summary>
    Opening,

    /// <summary>Takes requests.</summary>
    Ready,

    /// <summary>Takes requests of those who have it, but is given to nobody any more; closes when it has had none for a moment.</summary>
    Retiring,

    /// <summary>Takes no more requests, writes those it has.</summary>
    Closing,

    /// <summary>Ended; every waiting request was told the reason.</summary>
    Closed,
}
