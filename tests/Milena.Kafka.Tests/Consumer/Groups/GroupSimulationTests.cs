namespace Milena.Kafka.Tests.Consumer.Groups;

/// <summary>
/// Many members on the group of the embedded cluster, through all that may happen to them: joins, leaves, crashes, lost answers, errors, coordinators that move, slow
/// handlers, topics that grow, and the protocol switched on and off.
/// </summary>
public class GroupSimulationTests
{
    [TestCase(GroupProtocol.Classic, "range")]
    [TestCase(GroupProtocol.Classic, "cooperative-sticky")]
    [TestCase(GroupProtocol.Classic, "mixed")]
    [TestCase(GroupProtocol.Consumer, null)]
    [TestCase(GroupProtocol.Auto, null)]
    public void Whatever_happens_no_partition_has_two_owners_none_stays_without_and_commits_never_go_back(GroupProtocol protocol, string? assignors)
    {
        for (int seed = 1; seed <= 100; seed++)
        {
            TestContext.Out.WriteLine($"seed {seed}");
            using var simulation = new GroupSimulation(protocol, assignors, seed);
            simulation.Storm();
        }
    }
}
