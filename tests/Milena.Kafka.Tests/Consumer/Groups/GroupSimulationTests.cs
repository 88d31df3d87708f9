namespace Milena.Kafka.Tests.Consumer.Groups;

/// <summary>
/// Many members on the group of the embedded cluster, through all that may happen to them: joins, leaves, crashes, lost answers, errors, coordinators that move, slow
/// handlers, topics that grow, and the protocol switched on and off.
/// </summary>
public class GroupSimulationTests
{
    private static readonly int Seeds = int.TryParse(Environment.GetEnvironmentVariable("MILENA_MODEL_SEEDS"), out int seeds) ? seeds : 100;

    [TestCase(GroupProtocol.Classic, "range")]
    [TestCase(GroupProtocol.Classic, "cooperative-sticky")]
    [TestCase(GroupProtocol.Classic, "mixed")]
    [TestCase(GroupProtocol.Consumer, null)]
    [TestCase(GroupProtocol.Auto, null)]
    public void Whatever_happens_no_partition_has_two_owners_none_stays_without_and_commits_never_go_back(GroupProtocol protocol, string? assignors)
    {
        for (int seed = 1; seed <= Seeds; seed++)
        {
            TestContext.Out.WriteLine($"seed {seed}");
            using var simulation = new GroupSimulation(protocol, assignors, seed);
            simulation.Storm();
        }
    }

    [TestCase(GroupProtocol.Classic, "mixed")]
    [TestCase(GroupProtocol.Consumer, null)]
    [TestCase(GroupProtocol.Auto, null)]
    public void A_seed_tells_the_same_story_each_time(GroupProtocol protocol, string? assignors)
    {
        for (int seed = 1; seed <= 5; seed++)
        {
            using var first = new GroupSimulation(protocol, assignors, seed);
            using var second = new GroupSimulation(protocol, assignors, seed);
            first.Storm();
            second.Storm();

            Assert.That(second.Outcome, Is.EqualTo(first.Outcome), $"seed {seed}");
        }
    }
}
