using FsCheck;
using FsCheck.Fluent;
using Milena.Kafka.Producer.Internal.Transactions;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Tests.Producer.Transactions;

using TransactionState = Milena.Kafka.Producer.Internal.Transactions.TransactionState;

public class TransactionMachineTests
{
    private static readonly KafkaException Why = new(ErrorCode.TopicAuthorizationFailed, "denied");

    [Test]
    public void The_legal_moves_are_these_and_no_others()
    {
        var legal = new HashSet<(string, string)>
        {
            ("Uninitialized", "Starting"), ("Ready", "Starting"), ("Unresolved", "Starting"),
            ("Starting", "Ongoing"), ("Starting", "Uninitialized"), ("Starting", "Ready"), ("Starting", "Unresolved"),
            ("Ongoing", "Committing"), ("Ongoing", "Aborting"), ("Ongoing", "Failed"),
            ("Committing", "Ready"), ("Committing", "Unresolved"), ("Committing", "Failed"),
            ("Failed", "Aborting"), ("Aborting", "Ready"), ("Aborting", "Unresolved"),
        };
        foreach (TransactionState state in Enum.GetValues<TransactionState>().Where(s => s != TransactionState.Fatal))
        {
            legal.Add(($"{state}", "Fatal"));
        }

        foreach (TransactionState from in Enum.GetValues<TransactionState>())
        {
            foreach (TransactionState to in Enum.GetValues<TransactionState>())
            {
                Assert.That(TransactionMachine.IsLegal(from, to), Is.EqualTo(legal.Contains(($"{from}", $"{to}"))), $"{from} -> {to}");
            }
        }
    }

    [Test]
    public void A_failed_scope_is_never_committed()
    {
        TransactionMachine machine = Begun();
        machine.Fail(Why);

        Assert.That(() => machine.BeginCommit(1), Throws.TypeOf<TransactionException>().With.Message.Contains("denied").And.Property("Outcome").EqualTo(TransactionOutcome.Aborted));
        machine.BeginAbort(1);
        machine.Ended();
        Assert.That(machine.State, Is.EqualTo(TransactionState.Ready));
    }

    [Test]
    public void A_failure_during_the_commit_stops_it()
    {
        TransactionMachine machine = Begun();
        machine.BeginCommit(1);

        Assert.That(machine.Fail(Why), Is.True);
        Assert.That(machine.Fail(Why), Is.False);
        Assert.That(machine.Refused().InnerException, Is.SameAs(Why));
    }

    [Test]
    public void A_second_scope_is_refused_while_one_is_open()
    {
        TransactionMachine machine = Begun();

        Assert.That(machine.Begin, Throws.TypeOf<TransactionStateException>().With.Message.Contains("one transaction at a time"));
    }

    [Test]
    public void A_scope_that_is_over_is_refused_and_told_so()
    {
        TransactionMachine machine = Begun();
        machine.BeginCommit(1);
        machine.Ended();

        Assert.That(() => machine.ThrowIfClosed(1, "ProduceAsync"), Throws.TypeOf<TransactionStateException>().With.Message.Contains("ProduceAsync").And.Message.Contains("over"));
        Assert.That(() => machine.BeginCommit(1), Throws.TypeOf<TransactionStateException>());
        Assert.That(() => machine.BeginAbort(1), Throws.TypeOf<TransactionStateException>());
        machine.Begin();
        machine.Begun();
        Assert.That(() => machine.ThrowIfClosed(1, "ProduceAsync"), Throws.TypeOf<TransactionStateException>());
        Assert.That(() => machine.BeginCommit(1), Throws.TypeOf<TransactionStateException>());
        Assert.That(() => machine.ThrowIfClosed(2, "ProduceAsync"), Throws.Nothing);
    }

    [Test]
    public void A_producer_at_its_end_says_why_to_every_call()
    {
        TransactionMachine machine = Begun();
        var fenced = new ProducerFencedException(ErrorCode.ProducerFenced, "fenced");
        Assert.That(machine.Die(fenced), Is.True);
        Assert.That(machine.Die(Why), Is.False);

        Assert.That(machine.Begin, Throws.Exception.SameAs(fenced));
        Assert.That(() => machine.BeginCommit(1), Throws.Exception.SameAs(fenced));
        Assert.That(() => machine.BeginAbort(1), Throws.Exception.SameAs(fenced));
        Assert.That(() => machine.ThrowIfClosed(1, "x"), Throws.Exception.SameAs(fenced));
        Assert.That(machine.Refusal(0, "x"), Is.SameAs(fenced));
    }

    [Test]
    public void A_scope_that_did_not_begin_leaves_all_as_it_was()
    {
        var machine = new TransactionMachine("t");
        machine.Begin();
        machine.BeginFailed();
        Assert.That(machine.State, Is.EqualTo(TransactionState.Uninitialized));

        TransactionMachine unresolved = Begun();
        unresolved.BeginCommit(1);
        unresolved.Unresolve(wasCommit: true);
        unresolved.Begin();
        Assert.That((unresolved.MustResolve, unresolved.WasCommit), Is.EqualTo((true, true)));
        unresolved.BeginFailed();
        Assert.That(unresolved.State, Is.EqualTo(TransactionState.Unresolved));
        unresolved.Begin();
        unresolved.Resolved();
        unresolved.BeginFailed();
        Assert.That(unresolved.State, Is.EqualTo(TransactionState.Ready));
    }

    [Test]
    public void Whatever_is_called_in_whatever_order_no_scope_is_committed_after_a_failure_and_two_are_never_open() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), calls =>
        {
            var machine = new TransactionMachine("t");
            bool hasFailed = false;
            foreach (byte call in calls)
            {
                TransactionState before = machine.State;
                try
                {
                    Call(machine, call);
                }
                catch (Exception refusal) when (refusal is TransactionStateException or KafkaException)
                {
                    if (machine.State != before)
                    {
                        return false;
                    }
                }
                catch (InvalidOperationException)
                {
                    // A move of the session that is not due: a mistake of the shell, which changes nothing.
                    if (machine.State != before)
                    {
                        return false;
                    }
                }

                hasFailed = machine.State == TransactionState.Failed || (hasFailed && machine.State is not (TransactionState.Ongoing or TransactionState.Fatal));
                if (hasFailed && machine.State == TransactionState.Committing)
                {
                    return false;
                }
            }

            return true;
        }).QuickCheckThrowOnFailure();

    private static void Call(TransactionMachine machine, byte call)
    {
        switch (call % 10)
        {
            case 0: machine.Begin(); break;
            case 1: machine.Begun(); break;
            case 2: machine.BeginFailed(); break;
            case 3: machine.BeginCommit(machine.Scope); break;
            case 4: machine.BeginAbort(machine.Scope); break;
            case 5: machine.Fail(Why); break;
            case 6: machine.Ended(); break;
            case 7: machine.Unresolve(wasCommit: call > 128); break;
            case 8: machine.ThrowIfClosed(machine.Scope, "x"); break;
            default:
                if (call == 9)
                {
                    machine.Die(Why);
                }

                break;
        }
    }

    private static TransactionMachine Begun()
    {
        var machine = new TransactionMachine("t");
        machine.Begin();
        machine.Renewed();
        machine.Begun();
        return machine;
    }
}
