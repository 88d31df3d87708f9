using Milena.Kafka.Common;

namespace Milena.Kafka.Tests.Common;

public class ExponentialBackoffTests
{
    [Test]
    public void Pauses_double_up_to_the_longest_within_a_fifth()
    {
        var backoff = new ExponentialBackoff(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1), new Random(1));

        for (int failures = 1; failures < 80; failures++)
        {
            double expected = Math.Min(100 * Math.Pow(2, failures - 1), 1000);
            Assert.That(backoff.Pause(failures).TotalMilliseconds, Is.InRange(expected * 0.8, Math.Min(expected * 1.2, 1000)));
        }
    }

    [Test]
    public void There_is_no_pause_before_the_first_attempt() =>
        Assert.That(new ExponentialBackoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1), new Random(1)).Pause(0), Is.EqualTo(TimeSpan.Zero));
}
