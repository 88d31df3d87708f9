namespace Milena.Kafka.Tests.Consumer.Groups;

/// <summary>
/// The decisions about commits, in any order of reading, finishing, seeking, committing, rebalances and failures: nothing is committed that is not finished, no commit is overtaken by an
/// older one, none is sent for a partition that was lost, everybody is told once what came of his, and in the end all that is finished is committed.
/// </summary>
public class CommitModelTests
{
    /// <summary>How many programs; more by hand.</summary>
    private static readonly int Seeds = int.TryParse(Environment.GetEnvironmentVariable("MILENA_MODEL_SEEDS"), out int seeds) ? seeds : 300;

    [TestCase(true)]
    [TestCase(false)]
    public void Whatever_happens_commits_are_of_finished_records_in_order_and_everybody_is_told(bool isMember)
    {
        var ends = new Dictionary<string, int>();
        for (int seed = 1; seed <= Seeds; seed++)
        {
            TestContext.Out.WriteLine($"seed {seed}");
            var simulation = new CommitSimulation(isMember, seed);
            simulation.Storm(400);
            foreach ((string end, int count) in simulation.Oracle.Ends)
            {
                ends[end] = ends.GetValueOrDefault(end) + count;
            }
        }

        string[] common = ["stored", "Fenced", "NotMember", "Rebalancing", nameof(KafkaException), nameof(OperationTimeoutException), nameof(ObjectDisposedException)];
        Assert.That(ends.Keys, Is.EquivalentTo(isMember ? [.. common, "NotOwned"] : common), "what became of the commits");
    }
}
