using Milena.Kafka.Common;
using Milena.Kafka.Consumer.Internal.Groups;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Tests.Consumer.Groups;

/// <summary>Decisions of a KIP-848 member that a schedule seldom tells apart.</summary>
public class ConsumerMembershipTests
{
    [Test]
    public void What_was_given_and_is_about_to_be_taken_is_claimed_so_that_nobody_else_gets_it()
    {
        var options = new MembershipOptions
        {
            GroupId = "g",
            SessionTimeout = TimeSpan.FromSeconds(10),
            HeartbeatInterval = TimeSpan.FromSeconds(1),
            RebalanceTimeout = TimeSpan.FromSeconds(8),
            Assignors = [PartitionAssignors.Range],
            Backoff = new ExponentialBackoff(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1), new Random(1)),
        };
        var topic = new AssignableTopic("t", 2) { Id = Guid.NewGuid() };
        var member = new ConsumerMembership(options, "m");
        member.Subscribe(["t"]);
        member.MetadataChanged(new Dictionary<string, AssignableTopic> { ["t"] = topic });
        member.CoordinatorFound(1);
        member.Resume();
        NextHeartbeat(member, out _).Take(
            new ConsumerGroupHeartbeatResponse
            {
                MemberId = "m",
                MemberEpoch = 1,
                HeartbeatIntervalMs = 1000,
                Assignment = new() { TopicPartitions = [new() { TopicId = topic.Id, Partitions = [0, 1] }] },
            },
            TimeSpan.Zero);

        // The reconciling loop has not had its turn yet.
        Assert.That(member.Owned, Is.Empty);
        NextHeartbeat(member, out ConsumerGroupHeartbeatRequest said);
        Assert.That(said.TopicPartitions!.SelectMany(t => t.Partitions), Is.EqualTo(new[] { 0, 1 }));
    }

    private static GroupCall<ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse> NextHeartbeat(ConsumerMembership member, out ConsumerGroupHeartbeatRequest request)
    {
        var call = (GroupCall<ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse>)((GroupStep.Call)member.Next(TimeSpan.Zero)).Request;
        request = call.Create(1);
        return call;
    }
}
