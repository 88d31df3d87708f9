using Milena.Kafka.Protocol;
using Milena.Kafka.Testing.Groups.Consumer;

namespace Milena.Kafka.Testing.Groups;

/// <summary>What the members of a classic group read, as far as the broker can know.</summary>
internal static class ClassicSubscription
{
    /// <summary>Whether a member wants a topic; where that cannot be read, consumers are taken to want everything.</summary>
    public static bool Includes(ClassicGroup group, string topic)
    {
        if (group.ProtocolType != EmbeddedProtocol.Type || group.Members.Count == 0)
        {
            return false;
        }

        try
        {
            return group.Members.SelectMany(member => member.Protocols.Take(1)).Any(protocol => EmbeddedProtocol.ReadSubscription(protocol.Metadata).Topics.Contains(topic));
        }
        catch (ProtocolException)
        {
            return true;
        }
    }
}
