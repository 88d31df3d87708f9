using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Tests.Consumer.Groups;

/// <summary>Every error code that there is, at every step of a membership, before and after the coordinator has done what was asked for: the group comes to rest again, and the user is told what he can act on.</summary>
public class MembershipFaultTests
{
    /// <summary>When the error comes.</summary>
    public enum Stage
    {
        FirstJoins,
        Settled,
        SecondJoins,
        FirstLeaves,
        FirstComesBack,
    }

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    private static IEnumerable<TestCaseData> Steps()
    {
        static TestCaseData Step(GroupProtocol protocol, Stage stage, string name, Func<object, bool> hits) => new TestCaseData(protocol, stage, name, hits).SetArgDisplayNames(protocol.ToString(), stage.ToString(), name);
        static TestCaseData Classic(Stage stage, string name, Func<object, bool> hits) => Step(GroupProtocol.Classic, stage, name, hits);
        static TestCaseData Consumer(Stage stage, string name, Func<ConsumerGroupHeartbeatRequest, bool> hits) =>
            Step(GroupProtocol.Consumer, stage, name, r => r is ConsumerGroupHeartbeatRequest heartbeat && hits(heartbeat));

        yield return Classic(Stage.FirstJoins, "join without an id", r => r is JoinGroupRequest { MemberId: "" });
        yield return Classic(Stage.FirstJoins, "join with an id", r => r is JoinGroupRequest { MemberId: not "" });
        yield return Classic(Stage.FirstJoins, "sync", r => r is SyncGroupRequest);
        yield return Classic(Stage.Settled, "heartbeat", r => r is HeartbeatRequest);
        yield return Classic(Stage.SecondJoins, "heartbeat", r => r is HeartbeatRequest);
        yield return Classic(Stage.SecondJoins, "join again", r => r is JoinGroupRequest { Reason: "the group rebalances" });
        yield return Classic(Stage.SecondJoins, "sync of the leader", r => r is SyncGroupRequest { Assignments.Count: > 0 });
        yield return Classic(Stage.SecondJoins, "sync of a follower", r => r is SyncGroupRequest { Assignments.Count: 0 });
        yield return Classic(Stage.FirstLeaves, "leave", r => r is LeaveGroupRequest);
        yield return Classic(Stage.FirstComesBack, "join of a static member", r => r is JoinGroupRequest { GroupInstanceId: not null });
        yield return Consumer(Stage.FirstJoins, "join", r => r.MemberEpoch == 0);
        yield return Consumer(Stage.FirstJoins, "says what it has taken", r => r.MemberEpoch > 0 && r.TopicPartitions is not null);
        yield return Consumer(Stage.Settled, "steady", r => r is { MemberEpoch: > 0, TopicPartitions: null });
        yield return Consumer(Stage.SecondJoins, "hears what to give up", r => r is { MemberEpoch: > 0, TopicPartitions: null });
        yield return Consumer(Stage.SecondJoins, "says what it has given up", r => r is { MemberEpoch: > 0, TopicPartitions.Count: > 0 });
        yield return Consumer(Stage.FirstLeaves, "leave", r => r.MemberEpoch == -1);
        yield return Consumer(Stage.FirstComesBack, "leave for now", r => r.MemberEpoch == -2);
        yield return Consumer(Stage.FirstComesBack, "join of a static member", r => r is { MemberEpoch: 0, InstanceId: not null });
    }

    [TestCaseSource(nameof(Steps))]
    public void The_group_comes_to_rest(GroupProtocol protocol, Stage stage, string step, Func<object, bool> hits)
    {
        foreach (ErrorCode code in Enum.GetValues<ErrorCode>().Append((ErrorCode)9999).Where(c => c != ErrorCode.None))
        {
            foreach (bool isHandled in new[] { false, true })
            {
                using var simulation = new GroupSimulation(protocol, null, seed: 1);
                Play(simulation, stage, () => simulation.Coordinator.Plan = new PlannedError(hits, code, isHandled));
                string what = $"{code}, {(isHandled ? "after" : "before")} it was done";
                Assert.That(simulation.Coordinator.Plan, Is.Null, $"{what}: did not come");
                Assert.That(simulation.Members, Has.Count.EqualTo(stage is Stage.SecondJoins ? 2 : 1), what);
                Assert.That(simulation.AssertSettled, Throws.Nothing, what);
                ApiKey api = step.StartsWith("leave", StringComparison.Ordinal) ? ApiKey.LeaveGroup : protocol == GroupProtocol.Consumer ? ApiKey.ConsumerGroupHeartbeat : ApiKey.JoinGroup;
                AssertTold(simulation.Faults, FaultTable.Told(protocol, api, step.StartsWith("join", StringComparison.Ordinal), code), code, what);
                simulation.CloseAll();
            }
        }
    }

    private static void Play(GroupSimulation simulation, Stage stage, Action plan)
    {
        if (stage == Stage.FirstJoins)
        {
            plan();
        }

        SimulatedMember first = simulation.AddMember(stage == Stage.FirstComesBack ? "i" : null);
        simulation.Pass(Patience);
        switch (stage)
        {
            case Stage.Settled:
                plan();
                break;
            case Stage.SecondJoins:
                plan();
                simulation.AddMember(null);
                break;
            case Stage.FirstLeaves:
                simulation.AddMember(null);
                simulation.Pass(Patience);
                plan();
                first.Close();
                break;
            case Stage.FirstComesBack:
                plan();
                first.Close();
                simulation.Pass(TimeSpan.FromSeconds(5));
                simulation.AddMember("i");
                break;
            default:
                break;
        }

        simulation.Pass(Patience);
    }

    private static void AssertTold(IReadOnlyList<KafkaException> told, Type? type, ErrorCode code, string what)
    {
        if (type is null)
        {
            Assert.That(told, Is.Empty, what);
            return;
        }

        Assert.That(told.Select(t => t.Code), Is.EqualTo(new[] { code }), what);
        Assert.That(told[0], Is.InstanceOf(type), what);
        Assert.That(told[0].Message, Does.Contain("'g'"), what);
    }
}
