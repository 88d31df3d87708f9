using FsCheck;
using FsCheck.Fluent;
using Milena.Kafka.Testing.Quotas;

namespace Milena.Kafka.Testing.Tests.Quotas;

/// <summary>How quotas are measured.</summary>
public class RateMeterTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch;

    [TestCase(10_000, 0)]
    [TestCase(10_500, 500)]
    [TestCase(15_000, 5_000)]
    public void Ten_seconds_worth_may_come_at_once_and_more_has_to_be_waited_for(double amount, int expected) =>
        Assert.That(new RateMeter().Record(amount, 1000, Start), Is.EqualTo(TimeSpan.FromMilliseconds(expected)));

    [Test]
    public void After_the_wait_the_client_is_within_its_limit()
    {
        var meter = new RateMeter();
        TimeSpan wait = meter.Record(15_000, 1000, Start);

        Assert.That(meter.Record(0, 1000, Start + wait + TimeSpan.FromSeconds(10)), Is.EqualTo(TimeSpan.Zero));
    }

    [Test]
    public void What_is_taken_back_was_never_there()
    {
        var meter = new RateMeter();
        meter.Record(20_000, 1000, Start);
        meter.Record(-20_000, 1000, Start);

        Assert.That(meter.Record(10_000, 1000, Start), Is.EqualTo(TimeSpan.Zero));
    }

    [Test]
    public void Who_waits_as_long_as_told_stays_near_the_limit()
    {
        Gen<(int[] Amounts, int Limit)> loads = from amounts in Gen.ArrayOf(Gen.Choose(1, 20_000)) from limit in Gen.Choose(100, 5000) select (amounts, limit);
        Prop.ForAll(loads.ToArbitrary(), load =>
        {
            var meter = new RateMeter();
            DateTimeOffset now = Start;
            double total = 0;
            double largest = 0;
            foreach (int amount in load.Amounts)
            {
                total += amount;
                largest = Math.Max(largest, amount);
                now += meter.Record(amount, load.Limit, now);
            }

            // An amount is charged after it came, and windows are left out as a whole: Kafka's measure is no exact one, but it bounds.
            return total <= (2 * load.Limit * ((now - Start).TotalSeconds + RateMeter.Burst)) + largest;
        }).QuickCheckThrowOnFailure();
    }
}
