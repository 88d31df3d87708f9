using FsCheck;
using FsCheck.Fluent;
using Milena.Kafka.Testing.Quotas;

namespace Milena.Kafka.Testing.Tests.Quotas;

/// <summary>How changes of partitions are measured (KIP-599).</summary>
public class TokenBucketTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch;

    [Test]
    public void Whoever_owes_nothing_may_go_into_debt_and_waits_until_it_is_paid()
    {
        var bucket = new TokenBucket();

        Assert.That(bucket.TakeIfPaid(11, 1, Start), Is.EqualTo(TimeSpan.Zero));
        Assert.That(bucket.TakeIfPaid(5, 1, Start), Is.EqualTo(TimeSpan.Zero), "nothing is left, but nothing is owed");
        Assert.That(bucket.TakeIfPaid(1, 1, Start), Is.EqualTo(TimeSpan.FromSeconds(5)));
        Assert.That(bucket.TakeIfPaid(1, 1, Start.AddSeconds(2)), Is.EqualTo(TimeSpan.FromSeconds(3)), "what was refused does not count");
        Assert.That(bucket.TakeIfPaid(1, 1, Start.AddSeconds(5)), Is.EqualTo(TimeSpan.Zero));
    }

    [Test]
    public void Who_is_not_refused_is_told_to_wait_for_all_that_was_taken()
    {
        var bucket = new TokenBucket();

        Assert.That(bucket.Take(15, 1, Start), Is.EqualTo(TimeSpan.FromSeconds(4)));
        Assert.That(bucket.Take(2, 1, Start.AddSeconds(1)), Is.EqualTo(TimeSpan.FromSeconds(5)));
    }

    [Test]
    public void A_rate_of_zero_has_the_client_wait_as_long_as_an_answer_can_tell() =>
        Assert.That(new TokenBucket().Take(1, 0, Start), Is.EqualTo(TimeSpan.FromMilliseconds(int.MaxValue)));

    [Test]
    public void Over_any_time_no_more_is_let_through_than_a_burst_the_rate_and_one_debt()
    {
        Gen<((int Amount, int Pause)[] Calls, int Rate)> loads =
            from calls in Gen.ArrayOf(from amount in Gen.Choose(1, 50) from pause in Gen.Choose(0, 5_000) select (amount, pause))
            from rate in Gen.Choose(1, 20)
            select (calls, rate);
        Prop.ForAll(loads.ToArbitrary(), load =>
        {
            var bucket = new TokenBucket();
            DateTimeOffset now = Start;
            double through = 0;
            foreach ((int amount, int pause) in load.Calls)
            {
                now += TimeSpan.FromMilliseconds(pause);
                through += bucket.TakeIfPaid(amount, load.Rate, now) == TimeSpan.Zero ? amount : 0;
            }

            // A debt below half a millisecond counts as paid.
            return through <= (load.Rate * (TokenBucket.Burst + (now - Start).TotalSeconds)) + 50 + load.Rate;
        }).QuickCheckThrowOnFailure();
    }
}
