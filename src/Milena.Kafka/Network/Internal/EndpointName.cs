using System.Net;

namespace Milena.Kafka.Network.Internal;

/// <summary>Endpoints as people write them.</summary>
internal static class EndpointName
{
    /// <summary><c>host:port</c>, an IPv6 address in brackets.</summary>
    public static string Of(DnsEndPoint endpoint) =>
        endpoint.Host.Contains(':', StringComparison.Ordinal) ? $"[{endpoint.Host}]:{endpoint.Port}" : $"{endpoint.Host}:{endpoint.Port}";
}
