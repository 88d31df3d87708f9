namespace Milena.Kafka.Tests.Consumer.Groups;

/// <summary>Many members on the group of the embedded cluster, through all that may happen to them: joins, leaves, crashes, lost answers, coordinators that move, slow handlers, topics that grow, and the protocol switched on and off.</summary>
public class GroupSimulationTests
{
    [Test]
    public void Whatever_happens_no_partition_has_two_owners_none_stays_without_and_commits_never_go_back(
        [Values(GroupProtocol.Consumer, GroupProtocol.Auto)] GroupProtocol protocol, [Range(1, 100)] int seed)
    {
        using var simulation = new GroupSimulation(protocol, seed);
        simulation.Run();
    }
}
