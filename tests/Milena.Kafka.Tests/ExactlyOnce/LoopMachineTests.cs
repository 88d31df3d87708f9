using FsCheck;
using FsCheck.Fluent;
using Milena.Kafka.ExactlyOnce.Internal;
using static Milena.Kafka.ExactlyOnce.Internal.LoopState;

namespace Milena.Kafka.Tests.ExactlyOnce;

/// <summary>The core of the exactly-once loop, without a cluster.</summary>
public class LoopMachineTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private static readonly TopicPartition First = new("orders", 0);
    private static readonly TopicPartition Second = new("orders", 1);

    [Test]
    public void The_legal_moves_are_these_and_no_others()
    {
        (LoopState, LoopState)[] legal =
        [
            (Idle, Ready), (Idle, Ended),
            (Ready, Handling), (Ready, Doomed), (Ready, Ended),
            (Handling, Filled), (Handling, Doomed), (Handling, Ended),
            (Filled, Handling), (Filled, Committing), (Filled, Doomed), (Filled, Ended),
            (Committing, Idle), (Committing, Unresolved), (Committing, Doomed), (Committing, Ended),
            (Unresolved, Idle), (Unresolved, Ended),
            (Doomed, Idle), (Doomed, Ended),
        ];
        LoopState[] all = Enum.GetValues<LoopState>();

        Assert.That(from f in all from t in all where LoopMachine.IsLegal(f, t) select (f, t), Is.EquivalentTo(legal));
    }

    [Test]
    public void A_transaction_takes_batches_until_its_time_is_over()
    {
        LoopMachine machine = With(First);

        Assert.That((machine.Next(Interval - TimeSpan.FromTicks(1)), machine.DueAt), Is.EqualTo((LoopStep.Read, (TimeSpan?)Interval)));
        machine.Take(Second, Interval / 2);
        machine.Finished();
        Assert.That(machine.Next(Interval), Is.EqualTo(LoopStep.Commit), "its time began with the first batch");
    }

    [Test]
    public void A_transaction_is_committed_early_for_whoever_waits_for_its_partitions()
    {
        LoopMachine machine = With(First);

        Assert.That(machine.Leave([Second]), Is.False);
        Assert.That(machine.Next(default), Is.EqualTo(LoopStep.Read));
        Assert.That(machine.Leave([Second, First]), Is.True);
        Assert.That(machine.Next(default), Is.EqualTo(LoopStep.Commit));
    }

    [Test]
    public void A_transaction_whose_partition_is_gone_is_aborted_whenever_that_is_heard_before_its_commit([Values] bool whileHandling)
    {
        LoopMachine machine = With(First);
        if (whileHandling)
        {
            machine.Take(Second, default);
            machine.Lose([First]);
            machine.Finished();
        }
        else
        {
            machine.Lose([First]);
        }

        Assert.That((machine.Next(Interval), machine.Doom), Is.EqualTo((LoopStep.Abort, (AbortCause?)AbortCause.Rebalance)));
        machine.AbortBegins();
        machine.Settled();
        Assert.That((machine.Next(default), machine.Doom, machine.IsEmpty), Is.EqualTo((LoopStep.Begin, (AbortCause?)null, true)));
    }

    [Test]
    public void A_partition_that_goes_between_the_decision_to_commit_and_the_commit_stops_it()
    {
        LoopMachine machine = With(First);
        Assert.That(machine.Next(Interval), Is.EqualTo(LoopStep.Commit));
        machine.Lose([First]);

        Assert.That(machine.CommitBegins(), Is.False);
        Assert.That(machine.Next(Interval), Is.EqualTo(LoopStep.Abort));
    }

    [Test]
    public void A_loop_that_is_stopped_ends_its_transaction_first_and_begins_none()
    {
        LoopMachine machine = With(First);
        machine.Stop();

        Assert.That(machine.Next(default), Is.EqualTo(LoopStep.Commit));
        Assert.That(machine.CommitBegins(), Is.True);
        machine.Settled();
        Assert.That(machine.Next(default), Is.EqualTo(LoopStep.End));
    }

    [Test]
    public void A_commit_without_an_answer_is_resolved_before_anything_else()
    {
        LoopMachine machine = With(First);
        machine.CommitBegins();
        machine.Unknown();
        machine.Stop();

        Assert.That(machine.Next(default), Is.EqualTo(LoopStep.Resolve));
        Assert.That(machine.IsEmpty, Is.False, "whoever waits for the partition waits on");
    }

    /// <summary>Whatever happens in whatever order: nothing that was read is forgotten without commit or abort, and nothing is committed that was lost.</summary>
    [Test]
    public void Whatever_the_group_does_a_lost_partition_is_never_committed() =>
        Prop.ForAll(ArbMap.Default.ArbFor<int[]>(), choices =>
        {
            var machine = new LoopMachine(Interval);
            var lost = false;
            TimeSpan now = default;
            foreach (int choice in choices)
            {
                now += TimeSpan.FromMilliseconds(Math.Abs(choice % 60));
                TopicPartition partition = choice % 2 == 0 ? First : Second;
                switch (Math.Abs(choice % 5))
                {
                    case 0:
                        machine.Leave([partition]);
                        break;
                    case 1:
                        lost |= !machine.IsEmpty && machine.Leave([partition]) && machine.State is not (Committing or Unresolved);
                        machine.Lose([partition]);
                        break;
                    default:
                        bool wasLost = lost;
                        LoopStep step = Step(machine, partition, now, choice);
                        lost &= step is not (LoopStep.Commit or LoopStep.Abort);
                        if (wasLost && step == LoopStep.Commit)
                        {
                            return false;
                        }

                        break;
                }
            }

            return true;
        }).QuickCheckThrowOnFailure();

    private static LoopStep Step(LoopMachine machine, TopicPartition partition, TimeSpan now, int choice)
    {
        LoopStep step = machine.Next(now);
        switch (step)
        {
            case LoopStep.Begin:
                machine.Begun();
                break;
            case LoopStep.Read:
                machine.Take(partition, now);
                machine.Finished();
                break;
            case LoopStep.Commit:
                if (machine.CommitBegins() && choice % 3 == 0)
                {
                    machine.Unknown();
                }
                else
                {
                    machine.Settled();
                }

                break;
            case LoopStep.Abort:
                machine.AbortBegins();
                machine.Settled();
                break;
            case LoopStep.Resolve:
                machine.Settled();
                break;
            default:
                break;
        }

        return step;
    }

    private static LoopMachine With(TopicPartition partition)
    {
        var machine = new LoopMachine(Interval);
        machine.Begun();
        machine.Take(partition, default);
        machine.Finished();
        return machine;
    }
}
