using Milena.Kafka.Protocol;

namespace Milena.Kafka.Testing;

/// <summary>A request that came to a broker, as it was read.</summary>
public sealed class ReceivedRequest
{
    internal ReceivedRequest(IRequest body)
    {
        Body = body;
    }

    /// <summary>The API.</summary>
    public ApiKey Api => Body.Api.Key;

    /// <summary>The version of the API that the client chose.</summary>
    public required short Version { get; init; }

    /// <summary>The client's number for the request on its connection.</summary>
    public required int CorrelationId { get; init; }

    /// <summary>The client id of the header; it may be <see langword="null"/>.</summary>
    public required string? ClientId { get; init; }

    /// <summary>The software that the client named in ApiVersions on this connection (KIP-511); empty if it did not.</summary>
    public required string ClientSoftwareName { get; init; }

    /// <summary>The version of the software that the client named in ApiVersions on this connection; empty if it did not.</summary>
    public required string ClientSoftwareVersion { get; init; }

    /// <summary>The broker that received it.</summary>
    public required int BrokerId { get; init; }

    /// <summary>The connection, counted from 1 over all brokers.</summary>
    public required long ConnectionId { get; init; }

    /// <summary>When it arrived, by the cluster's clock.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>The bytes of the frame, its length not counted.</summary>
    public required int Size { get; init; }

    /// <summary>The fields of the request. Treat it as read-only: it is the one that the broker works with.</summary>
    public IRequest Body { get; }

    /// <inheritdoc/>
    public override string ToString() => $"{Api} v{Version} from {ClientId ?? "?"} to broker {BrokerId}";
}
