using System.Globalization;
using Milena.Kafka.Protocol;
using Milena.Kafka.Testing.Handlers;

namespace Milena.Kafka.Testing.Telemetry;

/// <summary>What is known of a client that could push metrics, by the names with which subscriptions choose among clients (KIP-714).</summary>
internal sealed record ClientOrigin(IReadOnlyDictionary<string, string> Attributes)
{
    public const string InstanceId = "client_instance_id";
    public const string ClientId = "client_id";
    public const string SoftwareName = "client_software_name";
    public const string SoftwareVersion = "client_software_version";
    public const string SourceAddress = "client_source_address";
    public const string SourcePort = "client_source_port";

    public static ClientOrigin Of(Guid instanceId, RequestContext context) => new(new Dictionary<string, string>
    {
        [InstanceId] = Uuid.ToText(instanceId),
        [ClientId] = context.Request.ClientId ?? "",
        [SoftwareName] = context.Client.SoftwareName,
        [SoftwareVersion] = context.Client.SoftwareVersion,
        [SourceAddress] = context.Client.Host,
        [SourcePort] = context.Client.Port.ToString(CultureInfo.InvariantCulture),
    });
}
