namespace Milena.Kafka.Tests.Consumer;

/// <summary>
/// The decisions about assigned partitions, in any order of assigning, seeking, pausing, giving up, look-ups, fetches and failures: each partition is handed out where it was left, none
/// that is not wanted, what was asked for an older position is dropped, and none stands still without a word.
/// </summary>
public class SubscriptionModelTests
{
    /// <summary>How many programs; more by hand.</summary>
    private static readonly int Seeds = int.TryParse(Environment.GetEnvironmentVariable("MILENA_MODEL_SEEDS"), out int seeds) ? seeds : 300;

    [Test]
    public void Whatever_happens_each_partition_goes_on_where_it_was_left_and_none_stands_still()
    {
        int handedOut = 0;
        for (int seed = 1; seed <= Seeds; seed++)
        {
            TestContext.Out.WriteLine($"seed {seed}");
            var simulation = new SubscriptionSimulation(seed);
            simulation.Storm(500);
            handedOut += simulation.HandedOut;
        }

        Assert.That(handedOut, Is.GreaterThan(Seeds * 20), "hardly anything was ever read");
    }
}
