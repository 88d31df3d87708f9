using Milena.Kafka.Common;
using Milena.Kafka.Consumer.Internal.Groups;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Tests.Consumer.Groups;

/// <summary>A member that closes while a call is under way leaves by the coordinator that it knows: looking for it could wait behind what a broker does not answer.</summary>
public class MembershipCloseTests
{
    private static readonly MembershipOptions Options = new()
    {
        GroupId = "g",
        SessionTimeout = TimeSpan.FromSeconds(10),
        HeartbeatInterval = TimeSpan.FromSeconds(1),
        RebalanceTimeout = TimeSpan.FromSeconds(8),
        Assignors = [PartitionAssignors.Range],
        Backoff = new ExponentialBackoff(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1), new Random(1)),
    };

    [Test]
    public void A_classic_member_leaves()
    {
        IGroupMembership member = Open(new ClassicMembership(Options));
        var join = (GroupCall<JoinGroupRequest, JoinGroupResponse>)NextCall(member).Request;
        join.Take(new JoinGroupResponse { ErrorCode = ErrorCode.MemberIdRequired, MemberId = "m" }, TimeSpan.Zero);

        CloseAmidACall(member);

        var leave = (GroupCall<LeaveGroupRequest, LeaveGroupResponse>)NextCall(member).Request;
        Assert.That(leave.Create(5).Members.Single().MemberId, Is.EqualTo("m"));
    }

    [Test]
    public void A_member_of_the_new_protocol_leaves()
    {
        IGroupMembership member = Open(new ConsumerMembership(Options, "m"));
        var join = (GroupCall<ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse>)NextCall(member).Request;
        join.Take(new ConsumerGroupHeartbeatResponse { MemberId = "m", MemberEpoch = 1, HeartbeatIntervalMs = 1000 }, TimeSpan.Zero);

        CloseAmidACall(member);

        var leave = (GroupCall<ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse>)NextCall(member).Request;
        Assert.That(leave.Create(1).MemberEpoch, Is.EqualTo(-1));
    }

    private static IGroupMembership Open(IGroupMembership member)
    {
        member.Subscribe(["t"]);
        member.MetadataChanged(new Dictionary<string, AssignableTopic> { ["t"] = new("t", 2) { Id = Guid.NewGuid() } });
        member.CoordinatorFound(1);
        member.Resume();
        return member;
    }

    private static void CloseAmidACall(IGroupMembership member)
    {
        NextCall(member);
        member.Close();
        member.Cancelled();
    }

    private static GroupStep.Call NextCall(IGroupMembership member)
    {
        GroupStep step = member.Next(TimeSpan.FromSeconds(2));
        Assert.That(step, Is.TypeOf<GroupStep.Call>());
        return (GroupStep.Call)step;
    }
}
