using Milena.Kafka.Producer.Internal;
using Milena.Kafka.Tests.Support;

namespace Milena.Kafka.Tests.Producer;

public class RecordClockTests
{
    [Test]
    public void A_clock_of_the_users_own_is_read_for_each_record()
    {
        var time = new ManualTimeProvider();
        var clock = new RecordClock(time);
        for (int i = 0; i < 100; i++)
        {
            Assert.That(clock.Now, Is.EqualTo(time.GetUtcNow().ToUnixTimeMilliseconds()));
            time.Advance(TimeSpan.FromMilliseconds(1));
        }
    }

    [Test]
    public void The_systems_clock_is_never_ahead_and_hardly_behind()
    {
        var clock = new RecordClock(TimeProvider.System);
        for (int i = 0; i < 100_000; i++)
        {
            long tick = Environment.TickCount64;
            long now = clock.Now;
            long after = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

            // Older than the tick count's last step it never is; a thread that was held up in between proves nothing.
            Assert.That(now, Is.LessThanOrEqualTo(after));
            if (Environment.TickCount64 == tick)
            {
                Assert.That(now, Is.GreaterThanOrEqualTo(after - 100));
            }
        }
    }
}
