using System.Globalization;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Testing.Configs;

/// <summary>What has settings: a topic, a broker, and so on. A broker's name is its id, or empty for all brokers.</summary>
internal readonly record struct ConfigKey(ConfigResourceType Type, string Name)
{
    public static ConfigKey AllBrokers { get; } = new(ConfigResourceType.Broker, "");

    public static ConfigKey Broker(int id) => new(ConfigResourceType.Broker, id.ToString(CultureInfo.InvariantCulture));
}
