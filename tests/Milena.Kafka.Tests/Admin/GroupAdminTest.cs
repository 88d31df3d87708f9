using Milena.Kafka.Tests.Consumer.Groups;

namespace Milena.Kafka.Tests.Admin;

/// <summary>An administrator, and members of groups of both protocols.</summary>
public abstract class GroupAdminTest : GroupTest
{
    protected AdminClient Admin => Kafka.CreateAdmin();

    /// <summary>A member that has partitions of the topic.</summary>
    protected async Task<GroupMemberRig> JoinedAsync(GroupProtocol protocol, CancellationToken cancellationToken, Action<ConsumerOptions>? change = null)
    {
        GroupMemberRig member = Member("m", options =>
        {
            options.GroupProtocol = protocol;
            if (protocol == GroupProtocol.Consumer)
            {
                // There the brokers say how often.
                var plain = new ConsumerOptions();
                options.HeartbeatInterval = plain.HeartbeatInterval;
                options.SessionTimeout = plain.SessionTimeout;
            }

            change?.Invoke(options);
        }).Start();
        await member.UntilAsync(m => m.Owned.Count > 0, cancellationToken);
        return member;
    }
}
