using System.Globalization;
using Milena.Kafka.Protocol;

namespace Milena.Kafka;

/// <summary>What has settings: a topic, a broker, all brokers, a broker's loggers, a group, or a subscription to clients' metrics.</summary>
/// <param name="Type">The kind.</param>
/// <param name="Name">The name; a broker's is its id, and empty stands for all brokers.</param>
public readonly record struct ConfigResource(ConfigResourceType Type, string Name)
{
    /// <summary>What is set for all brokers of the cluster.</summary>
    public static ConfigResource AllBrokers { get; } = new(ConfigResourceType.Broker, "");

    /// <summary>A topic.</summary>
    /// <param name="name">The name.</param>
    public static ConfigResource Topic(string name) => new(ConfigResourceType.Topic, name);

    /// <summary>One broker. The call goes to that broker.</summary>
    /// <param name="id">The broker's id.</param>
    public static ConfigResource Broker(int id) => new(ConfigResourceType.Broker, id.ToString(CultureInfo.InvariantCulture));

    /// <summary>The loggers of one broker (KIP-412). The call goes to that broker.</summary>
    /// <param name="id">The broker's id.</param>
    public static ConfigResource BrokerLogger(int id) => new(ConfigResourceType.BrokerLogger, id.ToString(CultureInfo.InvariantCulture));

    /// <summary>A subscription to clients' metrics (KIP-714). Needs brokers from 3.7.</summary>
    /// <param name="name">The name of the subscription.</param>
    public static ConfigResource ClientMetrics(string name) => new(ConfigResourceType.ClientMetrics, name);

    /// <summary>A group (KIP-848). Needs brokers from 3.9.</summary>
    /// <param name="id">The group's id.</param>
    public static ConfigResource Group(string id) => new(ConfigResourceType.Group, id);

    /// <summary>The kind and the name, such as <c>Topic orders</c>.</summary>
    public override string ToString() => this == AllBrokers ? "all brokers" : $"{Type} {Name}";
}
