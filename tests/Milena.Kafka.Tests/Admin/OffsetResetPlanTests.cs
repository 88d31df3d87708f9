using FsCheck;
using FsCheck.Fluent;
using Milena.Kafka.Admin.Internal.Groups;

namespace Milena.Kafka.Tests.Admin;

/// <summary>Where resets lead, for all logs and offsets.</summary>
public class OffsetResetPlanTests
{
    [Test]
    public void A_reset_ends_within_the_log_unless_the_group_was_outside_and_stays()
    {
        Gen<(LogRange Log, long? Before, long? Found, OffsetReset Reset)> scenes =
            from start in Gen.Choose(0, 1000)
            from length in Gen.Choose(0, 1000)
            from before in Gen.Choose(-1, 3000)
            from found in Gen.Choose(-1, length)
            from value in Gen.Choose(-5000, 5000)
            from reset in Gen.Elements(
                OffsetReset.ToEarliest, OffsetReset.ToLatest, OffsetReset.By(value), OffsetReset.ToOffset(Math.Abs(value)), OffsetReset.ToTime(DateTimeOffset.UnixEpoch), OffsetReset.ToAgo(TimeSpan.Zero))
            select (new LogRange(start, start + length), before < 0 ? (long?)null : before, found < 0 ? (long?)null : start + found, reset);

        Prop.ForAll(scenes.ToArbitrary(), scene =>
        {
            OffsetResetStep? step = OffsetResetPlan.Of(scene.Reset, scene.Before, scene.Log, scene.Found);
            bool cannotShift = scene.Before is null && scene.Reset.Kind == OffsetResetKind.Shift;
            return cannotShift ? step is null : step is not null && step.After >= scene.Log.Start && step.After <= scene.Log.End && step.Before == scene.Before;
        }).QuickCheckThrowOnFailure();
    }

    [TestCase(long.MaxValue)]
    [TestCase(long.MinValue)]
    public void A_shift_of_any_size_does_not_overflow(long shift)
    {
        OffsetResetStep step = OffsetResetPlan.Of(OffsetReset.By(shift), 7, new LogRange(5, 9), null)!;

        Assert.That((step.After, step.IsClamped), Is.EqualTo((shift > 0 ? 9L : 5L, true)));
    }

    [Test]
    public void The_default_value_goes_to_the_beginning() =>
        Assert.That(OffsetResetPlan.Of(default, 7, new LogRange(5, 9), null)!.After, Is.EqualTo(5));

    [Test]
    public void A_group_stays_where_it_is_or_else_begins_at_the_end()
    {
        Assert.That(OffsetResetPlan.Of(OffsetReset.ToCurrent, 7, new LogRange(5, 9), null)!.After, Is.EqualTo(7));
        Assert.That(OffsetResetPlan.Of(OffsetReset.ToCurrent, null, new LogRange(5, 9), null)!.After, Is.EqualTo(9));
    }
}
