using Milena.Kafka.Testing.Groups.Consumer;

namespace Milena.Kafka.Testing.Groups;

/// <summary>What the broker decides for groups of either kind.</summary>
internal sealed record GroupSettings(ClassicGroupSettings Classic, ConsumerGroupSettings Consumer, GroupMigrationPolicy Migration)
{
    /// <summary>What counts for one group at the moment: groups may have settings of their own.</summary>
    public Func<string, ConsumerGroupSettings> ConsumerOf { get; init; } = _ => Consumer;

    public static GroupSettings From(TestClusterOptions options, Func<Guid> newId) => new(
        new ClassicGroupSettings(options.TimeProvider, options.GroupInitialRebalanceDelay, options.GroupMaxSize, newId),
        new ConsumerGroupSettings(options.ConsumerGroupSessionTimeout, options.ConsumerGroupHeartbeatInterval, options.GroupMaxSize),
        options.GroupMigration);
}
