using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Milena.Kafka.Common;
using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka;

/// <summary>How a client finds its cluster and how patient it is. Copied when the client is made.</summary>
public sealed class KafkaClientOptions
{
    /// <summary>Brokers to ask first, as <c>host:port</c>, comma between. Any broker of the cluster will do; two or three are safer.</summary>
    /// <value>None: it must be set.</value>
    /// <remarks>Kafka calls this <c>bootstrap.servers</c>. A name with several addresses is tried with all of them.</remarks>
    public string BootstrapServers { get; set; } = "";

    /// <summary>The name of this client in the brokers' logs, quotas and metrics.</summary>
    /// <value><c>milena</c>.</value>
    /// <remarks>Kafka calls this <c>client.id</c>.</remarks>
    public string ClientId { get; set; } = "milena";

    /// <summary>How long one request to one broker may take before its connection is given up.</summary>
    /// <value>30 s.</value>
    /// <remarks>Kafka calls this <c>request.timeout.ms</c>.</remarks>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a whole operation may take, with all its retries and look-ups.</summary>
    /// <value>60 s.</value>
    /// <remarks>Kafka calls this <c>default.api.timeout.ms</c>.</remarks>
    public TimeSpan ApiTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a connection may take from the first packet until requests can be sent.</summary>
    /// <value>10 s.</value>
    /// <remarks>Kafka calls this <c>socket.connection.setup.timeout.ms</c>.</remarks>
    public TimeSpan ConnectionSetupTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>After how long without traffic a connection is closed.</summary>
    /// <value>9 min, below the brokers' own 10 min.</value>
    /// <remarks>Kafka calls this <c>connections.max.idle.ms</c>.</remarks>
    public TimeSpan ConnectionMaxIdle { get; set; } = TimeSpan.FromMinutes(9);

    /// <summary>The first pause before a broker is connected to again; it doubles with each failure.</summary>
    /// <value>50 ms.</value>
    /// <remarks>Kafka calls this <c>reconnect.backoff.ms</c>.</remarks>
    public TimeSpan ReconnectBackoff { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The longest pause before a broker is connected to again.</summary>
    /// <value>1 s.</value>
    /// <remarks>Kafka calls this <c>reconnect.backoff.max.ms</c>.</remarks>
    public TimeSpan ReconnectBackoffMax { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The first pause before a failed request is tried again; it doubles with each failure (KIP-580).</summary>
    /// <value>100 ms.</value>
    /// <remarks>Kafka calls this <c>retry.backoff.ms</c>.</remarks>
    public TimeSpan RetryBackoff { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest pause before a failed request is tried again.</summary>
    /// <value>1 s.</value>
    /// <remarks>Kafka calls this <c>retry.backoff.max.ms</c>.</remarks>
    public TimeSpan RetryBackoffMax { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>After how long metadata is fetched again without any sign that it is out of date.</summary>
    /// <value>5 min.</value>
    /// <remarks>Kafka calls this <c>metadata.max.age.ms</c>.</remarks>
    public TimeSpan MetadataMaxAge { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Encryption and authentication.</summary>
    /// <value>None: <see cref="SecurityProtocol.Plaintext"/>.</value>
    /// <remarks>Kafka calls this <c>security.protocol</c>, <c>ssl.*</c> and <c>sasl.*</c>; <see cref="SecurityOptions.FromProperties(IReadOnlyDictionary{string, string})"/> reads those names.</remarks>
    public SecurityOptions Security { get; set; } = new();

    /// <summary>The largest answer that is accepted from a broker, in bytes. A longer one closes the connection.</summary>
    /// <value>100 MiB.</value>
    /// <remarks>librdkafka calls this <c>receive.message.max.bytes</c>; Java has no such property.</remarks>
    public int MaxResponseSize { get; set; } = 100 * 1024 * 1024;

    /// <summary>What compresses and decompresses batches, by Kafka's codec numbers.</summary>
    /// <value>Gzip, Snappy, LZ4 and Zstandard of <c>Milena.Kafka.Compression</c>.</value>
    /// <remarks>No Kafka property: its clients bring fixed codecs.</remarks>
    /// <example><c>CompressionCodecs.Default.With(CompressionType.Zstd, new MyZstdCodec())</c> puts another library in the place of ours.</example>
    public CompressionCodecs Codecs { get; set; } = CompressionCodecs.Default;

    /// <summary>Where the client's log goes.</summary>
    /// <value>Nowhere.</value>
    /// <remarks>
    /// No Kafka property. Categories are <c>Milena.Kafka.Network</c>, <c>.Cluster</c>, <c>.Producer</c> and <c>.Consumer</c>. Nothing is logged per record; warnings and errors are for a
    /// person to act on, and what heals by itself is Information or less.
    /// </remarks>
    public ILoggerFactory LoggerFactory { get; set; } = NullLoggerFactory.Instance;

    /// <summary>Makes the meter of the client's metrics; null for one that is shared by the process. See <see cref="KafkaDiagnostics"/>.</summary>
    /// <value>Null.</value>
    /// <remarks>No Kafka property. The factory of a host's services gives metrics of their own to each host, as tests want it.</remarks>
    public IMeterFactory? MeterFactory { get; set; }

    /// <summary>The clock of the client.</summary>
    /// <value>The system's.</value>
    /// <remarks>No Kafka property; for tests.</remarks>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>The seed of all that is left to chance, such as jitter; null takes a different one each time.</summary>
    /// <value>Null.</value>
    /// <remarks>No Kafka property; for tests.</remarks>
    public int? Seed { get; set; }

    internal KafkaClientOptions Clone()
    {
        var copy = (KafkaClientOptions)MemberwiseClone();
        copy.Security = Security.Clone();
        return copy;
    }

    internal void Validate() => new OptionFaults(nameof(KafkaClientOptions))
        .Require(!string.IsNullOrWhiteSpace(BootstrapServers), "BootstrapServers is empty; name at least one broker as host:port.")
        .RequireNone(BootstrapFault())
        .Require(ClientId is not null, "ClientId is null.")
        .Require(LoggerFactory is not null && TimeProvider is not null && Codecs is not null, "LoggerFactory, TimeProvider and Codecs must not be null.")
        .RequirePositive(RequestTimeout, nameof(RequestTimeout))
        .RequirePositive(ApiTimeout, nameof(ApiTimeout))
        .RequirePositive(ConnectionSetupTimeout, nameof(ConnectionSetupTimeout))
        .RequirePositive(ConnectionMaxIdle, nameof(ConnectionMaxIdle))
        .RequireNotNegative(ReconnectBackoff, nameof(ReconnectBackoff))
        .RequireNotNegative(ReconnectBackoffMax, nameof(ReconnectBackoffMax))
        .Require(ReconnectBackoffMax >= ReconnectBackoff, "ReconnectBackoffMax is below ReconnectBackoff.")
        .RequireNotNegative(RetryBackoff, nameof(RetryBackoff))
        .RequireNotNegative(RetryBackoffMax, nameof(RetryBackoffMax))
        .Require(RetryBackoffMax >= RetryBackoff, "RetryBackoffMax is below RetryBackoff.")
        .RequirePositive(MetadataMaxAge, nameof(MetadataMaxAge))
        .Require(MaxResponseSize >= 1024, $"MaxResponseSize is {MaxResponseSize}; it must be at least 1,024 bytes.")
        .RequireNone(Security?.Faults() ?? ["Security is null."])
        .ThrowIfAny();

    private string? BootstrapFault()
    {
        try
        {
            if (!string.IsNullOrWhiteSpace(BootstrapServers))
            {
                BootstrapAddress.ParseList(BootstrapServers);
            }

            return null;
        }
        catch (ArgumentException fault)
        {
            return $"BootstrapServers: {fault.Message}";
        }
    }
}
