using FsCheck;
using FsCheck.Fluent;

namespace Milena.Kafka.Testing.Tests.Groups;

/// <summary>Random joins, leaves, crashes, lost answers, moves of the coordinator and changes of topics: what must hold in spite of them.</summary>
internal sealed class GroupModelTests
{
    [Test]
    [CancelAfter(120_000)]
    public void No_partition_is_read_twice_and_none_is_orphaned_in_a_consumer_group() => Holds(withClassic: false, withConsumer: true);

    [Test]
    [CancelAfter(120_000)]
    public void No_partition_is_read_twice_and_none_is_orphaned_in_a_classic_group() => Holds(withClassic: true, withConsumer: false);

    [Test]
    [CancelAfter(120_000)]
    public void No_partition_is_read_twice_and_none_is_orphaned_during_migrations_in_both_directions() => Holds(withClassic: true, withConsumer: true);

    [Test]
    [CancelAfter(120_000)]
    public void No_partition_is_read_twice_and_none_is_orphaned_where_groups_only_go_forward() =>
        Holds(withClassic: true, withConsumer: true, GroupMigrationPolicy.Upgrade);

    private static void Holds(bool withClassic, bool withConsumer, GroupMigrationPolicy migration = GroupMigrationPolicy.Bidirectional) =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            using var world = new ModelWorld(seed, withClassic, withConsumer, migration);
            for (int i = 0; i < 250; i++)
            {
                world.Step();
            }

            world.Settle();
            world.EveryPartitionIsOwned();
            world.EachHasItsShare();
        }));
}
