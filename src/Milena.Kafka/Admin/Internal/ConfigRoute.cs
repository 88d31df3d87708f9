using System.Globalization;
using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Admin.Internal;

/// <summary>Which broker knows the settings of a resource: those of one broker and of its loggers only itself.</summary>
internal static class ConfigRoute
{
    public static Route Of(ConfigResource resource) =>
        resource.Type is ConfigResourceType.Broker or ConfigResourceType.BrokerLogger
        && int.TryParse(resource.Name, NumberStyles.None, CultureInfo.InvariantCulture, out int broker)
            ? Route.ToBroker(broker)
            : Route.Any;
}
