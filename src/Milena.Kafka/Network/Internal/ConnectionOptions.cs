using System.Reflection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Milena.Kafka.Network.Internal;

/// <summary>What a connection needs to know; copied from the options of the client and never changed.</summary>
internal sealed class ConnectionOptions
{
    private static readonly string SoftwareVersion = ReadSoftwareVersion();

    /// <summary>Kafka's <c>client.id</c>, sent with every request.</summary>
    public string ClientId { get; init; } = "milena";

    /// <summary>KIP-511: letters, digits, "-" and ".", alphanumeric at both ends.</summary>
    public string ClientSoftwareName { get; init; } = "milena";

    /// <summary>KIP-511: letters, digits, "-" and ".", alphanumeric at both ends.</summary>
    public string ClientSoftwareVersion { get; init; } = SoftwareVersion;

    /// <summary>How long a request may take, from the call to its answer (<c>request.timeout.ms</c>).</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long connecting and negotiating may take together (<c>socket.connection.setup.timeout.ms</c>).</summary>
    public TimeSpan ConnectionSetupTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long an orderly close waits for requests that are not yet written.</summary>
    public TimeSpan CloseTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A connection without any request for this long is closed (<c>connections.max.idle.ms</c>).</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(9);

    /// <summary>A longer response is taken for an error, in bytes.</summary>
    public int MaxFrameSize { get; init; } = 100 * 1024 * 1024;

    /// <summary>Requests that may wait for their answer at once; more wait to be sent.</summary>
    public int MaxInFlight { get; init; } = 100;

    /// <summary>Whether versions that no release has yet may be spoken.</summary>
    public bool AllowUnstableVersions { get; init; }

    /// <summary>How long a connection that others have replaced must be without a request to be closed.</summary>
    public TimeSpan RetireTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How to authenticate; null: not by SASL.</summary>
    public ISaslMechanism? Sasl { get; init; }

    /// <summary>All chance; lock it before use.</summary>
    public Random Random { get; init; } = new(1);

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where events go.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;

    private static string ReadSoftwareVersion()
    {
        string version = typeof(ConnectionOptions).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";

        // What follows a plus sign is the commit; brokers refuse the sign.
        int end = version.IndexOf('+', StringComparison.Ordinal);
        return end >= 0 ? version[..end] : version is "" ? "0" : version;
    }
}
