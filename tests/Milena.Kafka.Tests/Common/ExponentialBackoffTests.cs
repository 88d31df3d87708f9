namespace Milena.Kafka.Tests.Common;

internal sealed class ExponentialBackoffTests
{
    [Test]
    public void Waits_double_up_to_the_limit()
    {
        var backoff = new ExponentialBackoff(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(1), new Random(1), jitter: 0);

        double[] waits = [.. Enumerable.Range(0, 8).Select(failures => backoff.After(failures).TotalMilliseconds)];

        Assert.That(waits, Is.EqualTo(new double[] { 0, 50, 100, 200, 400, 800, 1000, 1000 }));
    }

    [Test]
    public void Jitter_stays_within_its_share_and_below_the_limit()
    {
        var backoff = new ExponentialBackoff(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1), new Random(2));

        double[] second = [.. Enumerable.Range(0, 1000).Select(_ => backoff.After(2).TotalMilliseconds)];
        double[] late = [.. Enumerable.Range(0, 1000).Select(_ => backoff.After(int.MaxValue).TotalMilliseconds)];

        Assert.That(second, Is.All.InRange(160d, 240d));
        Assert.That(second.Distinct().Count(), Is.GreaterThan(900));
        Assert.That(late, Is.All.InRange(800d, 1000d));
    }

    [Test]
    public void The_same_seed_gives_the_same_waits()
    {
        TimeSpan[] Waits() => [.. Enumerable.Range(1, 20).Select(new ExponentialBackoff(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1), new Random(3)).After)];

        TimeSpan[] first = Waits();
        Assert.That(Waits(), Is.EqualTo(first));
    }
}
