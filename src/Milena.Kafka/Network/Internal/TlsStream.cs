using System.Net.Security;

namespace Milena.Kafka.Network.Internal;

/// <summary>A stream over TLS that knows when the certificates it was made with are out of date.</summary>
internal sealed class TlsStream(Stream transport, CancellationToken outdated) : SslStream(transport, leaveInnerStreamOpen: false)
{
    /// <summary>Set off when new connections go by other certificates.</summary>
    public CancellationToken Outdated { get; } = outdated;
}
