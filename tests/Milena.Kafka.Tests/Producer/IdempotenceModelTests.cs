namespace Milena.Kafka.Tests.Producer;

/// <summary>Thousands of random schedules of refusals, lost requests and answers, late requests, time-outs, splits and bumps.</summary>
public class IdempotenceModelTests
{
    private const int Schedules = 4_000;

    [Test]
    public void Whatever_happens_acknowledged_records_are_in_the_log_once_and_in_order()
    {
        (int stored, int notStored, int unknown, int bumps) = Run(seed => new IdempotenceModel(seed));

        // The schedules must reach what they are there for.
        Assert.That(stored, Is.GreaterThan(10 * Schedules));
        Assert.That(notStored, Is.GreaterThan(Schedules));
        Assert.That(unknown, Is.GreaterThan(Schedules));
        Assert.That(bumps, Is.GreaterThan(Schedules));
    }

    [Test]
    public void It_is_so_when_sequence_numbers_wrap_around() => Run(seed => new IdempotenceModel(seed, firstSequence: int.MaxValue - (seed % 40)));

    [Test]
    public void It_is_so_when_epochs_run_out([Values] bool hasLateRequests) =>
        Run(seed => new IdempotenceModel(seed, epoch: (short)(short.MaxValue - (seed % 2)), hasLateRequests: hasLateRequests));

    [Test]
    public void It_is_so_when_brokers_append_a_batch_and_call_its_numbers_wrong() =>
        Run(seed => new IdempotenceModel(seed, hasLateRequests: false, liesAfterAppend: true));

    private static (int Stored, int NotStored, int Unknown, int Bumps) Run(Func<int, IdempotenceModel> create)
    {
        (int Stored, int NotStored, int Unknown, int Bumps) sum = default;
        for (int seed = 0; seed < Schedules; seed++)
        {
            IdempotenceModel model = create(seed);
            try
            {
                model.Run(steps: 200);
            }
            catch (Exception fault) when (fault is not AssertionException)
            {
                throw new InvalidOperationException($"Schedule {seed}: {fault.Message}", fault);
            }
            catch (AssertionException)
            {
                TestContext.Out.WriteLine($"Schedule {seed}:\n{string.Join('\n', model.Trace)}");
                throw;
            }

            sum = (sum.Stored + model.Stored, sum.NotStored + model.NotStored, sum.Unknown + model.Unknown, sum.Bumps + model.Bumps);
        }

        TestContext.Out.WriteLine($"{Schedules} schedules: {sum}");
        return sum;
    }
}
