using Milena.Kafka.Protocol;
using Milena.Kafka.Testing.Groups.Consumer;

namespace Milena.Kafka.Testing.Groups;

/// <content>From one protocol to the other, and the passing of time. All of it runs under the lock of the group.</content>
internal sealed partial class Group
{
    private void BecomeConsumer()
    {
        ClassicGroup classic = _classic!;
        bool isEmpty = classic.State == GroupState.Empty;
        bool mayUpgrade = _settings.Migration.HasFlag(GroupMigrationPolicy.Upgrade)
            && classic.ProtocolType == EmbeddedProtocol.Type;
        if (!isEmpty && !mayUpgrade)
        {
            throw NotConsumer();
        }

        if (classic.Members.Count >= _settings.Consumer.MaxSize)
        {
            throw new GroupRefusalException(ErrorCode.GroupMaxSizeReached, $"The group has reached its maximum capacity of {_settings.Consumer.MaxSize} members.");
        }

        IReadOnlyList<ConsumerMember> members = GroupMigration.ToConsumer(classic, _topics());
        var consumer = new ConsumerGroup(Id, () => _settings.ConsumerOf(Id), () => _settings.Classic.NewId().ToString());
        if (!isEmpty)
        {
            consumer.Load(classic.Generation, members, _topics(), _time.GetUtcNow());
        }

        classic.Retire(ErrorCode.RebalanceInProgress);
        _classic = null;
        _consumer = consumer;
    }

    private void BecomeClassic(ClassicGroupImage image, bool mustRebalance)
    {
        _consumer = null;
        _classic = new ClassicGroup(Id, _gate, _settings.Classic);
        _classic.Load(image, mustRebalance);
    }

    /// <summary>After every event: a group in which only classic members are left becomes a classic group.</summary>
    private void Settle(bool mustRebalance)
    {
        if (_consumer is { IsClassicOnly: true } consumer && _settings.Migration.HasFlag(GroupMigrationPolicy.Downgrade))
        {
            // Members that are on their way to another assignment find it in a rebalance.
            BecomeClassic(GroupMigration.ToClassic(consumer, _topics()), mustRebalance || consumer.State != ConsumerGroupState.Stable);
        }

        Rearm();
    }

    private void Rearm()
    {
        if (_consumer?.NextDeadline is { } next)
        {
            TimeSpan left = next - _time.GetUtcNow();
            _timer.Change(left > TimeSpan.Zero ? left : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
        else
        {
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    private void Expire()
    {
        lock (_gate)
        {
            if (_consumer is not null)
            {
                _consumer.Expire(_time.GetUtcNow());
                Settle(mustRebalance: true);
            }
        }
    }
}
