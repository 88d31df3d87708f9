using Milena.Kafka.Consumer.Internal.Groups;

namespace Milena.Kafka.Tests.Consumer.Groups;

/// <summary>Changes of ownership that others make void.</summary>
public class ReconciliationQueueTests
{
    private static readonly TopicPartition[] Partitions = [new("orders", 0), new("orders", 1)];

    [Test]
    public void A_loss_of_what_was_just_given_up_is_not_waited_for()
    {
        var changes = new ReconciliationQueue();
        changes.Add(ReconciliationKind.Assign, Partitions);
        changes.Take();
        changes.Done();
        changes.Add(ReconciliationKind.Revoke, Partitions);
        Assert.That(changes.Take()!.Kind, Is.EqualTo(ReconciliationKind.Revoke));
        changes.LoseAll();
        Assert.That(changes.IsIdle, Is.False);
        changes.Done();
        Assert.That(changes.IsIdle, Is.True, "nobody would be woken to carry out nothing");
        Assert.That(changes.Take(), Is.Null);
    }

    [Test]
    public void A_loss_in_the_middle_of_a_revocation_takes_the_rest()
    {
        var changes = new ReconciliationQueue();
        changes.Add(ReconciliationKind.Assign, Partitions);
        changes.Take();
        changes.Done();
        changes.Add(ReconciliationKind.Revoke, Partitions[..1]);
        changes.Take();
        changes.LoseAll();
        changes.Done();
        Assert.That(changes.Take()!.Partitions, Is.EqualTo(Partitions[1..]));
        changes.Done();
        Assert.That(changes.IsIdle, Is.True);
        Assert.That(changes.Owned, Is.Empty);
    }
}
