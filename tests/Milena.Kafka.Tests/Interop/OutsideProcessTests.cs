using System.Diagnostics;
using System.Text;

namespace Milena.Kafka.Tests.Interop;

/// <summary>The rig itself: programs are fed, read, bounded and ended.</summary>
public class OutsideProcessTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Test, CancelAfter(60_000)]
    public async Task A_program_reads_its_input_and_its_output_is_kept_byte_for_byte(CancellationToken cancellationToken)
    {
        byte[] input = new byte[1_000_000];
        new Random(7).NextBytes(input);

        ProcessResult result = await OutsideProcess.RunAsync(Program("cat"), [], input, Limit, null, cancellationToken);

        Assert.That(result.EnsureSuccess().Output, Is.EqualTo(input));
    }

    [Test, CancelAfter(60_000)]
    public async Task Exit_code_errors_and_environment_come_through(CancellationToken cancellationToken)
    {
        Dictionary<string, string> environment = new() { ["COLOUR"] = "blue" };

        ProcessResult result = await OutsideProcess.RunAsync(
            Program("sh"), ["-c", "echo $COLOUR; echo why >&2; exit 3"], default, Limit, environment, cancellationToken);

        Assert.That((result.ExitCode, result.Text, result.Errors), Is.EqualTo((3, "blue\n", "why\n")));
        Assert.That(() => result.EnsureSuccess(), Throws.InvalidOperationException.With.Message.Contain("why"));
    }

    [Test, CancelAfter(60_000)]
    public void A_program_that_does_not_end_is_ended_and_what_it_wrote_is_told(CancellationToken cancellationToken) =>
        Assert.That(
            async () => await OutsideProcess.RunAsync(
                Program("sh"), ["-c", "echo started; exec sleep 60"], default, TimeSpan.FromMilliseconds(500), null, cancellationToken),
            Throws.InstanceOf<TimeoutException>().With.Message.Contain("started"));

    [Test, CancelAfter(60_000)]
    public void A_cancelled_run_ends_its_program()
    {
        using CancellationTokenSource cancel = new(TimeSpan.FromMilliseconds(200));

        Assert.That(
            async () => await OutsideProcess.RunAsync(Program("sleep"), ["60"], default, Limit, null, cancel.Token),
            Throws.InstanceOf<OperationCanceledException>());
    }

    [Test, CancelAfter(60_000)]
    public async Task A_program_that_reads_nothing_does_not_stand_in_the_way(CancellationToken cancellationToken)
    {
        ProcessResult result = await OutsideProcess.RunAsync(Program("true"), [], new byte[10_000_000], Limit, null, cancellationToken);

        Assert.That(result.ExitCode, Is.Zero);
    }

    [Test]
    public void A_program_that_is_not_there_is_not_found() => Assert.That(OutsideProcess.Find("no-such-program"), Is.Null);

    [Test]
    public void A_reason_to_skip_is_one_line()
    {
        Kcat.IsAvailable(out string kcat);
        NodeClient.IsAvailable(out string node);
        LibrdkafkaMockCluster.IsAvailable(out string librdkafka);
        OutsideCluster.IsAvailable(out string cluster);
        KafkaHome.IsAvailable(out string home);

        foreach (string reason in new[] { kcat, node, librdkafka, cluster, home })
        {
            Assert.That(reason, Is.Not.Empty.And.Not.Contains('\n').And.EndsWith("."));
        }
    }

    [Test, CancelAfter(60_000)]
    public async Task What_a_killed_program_was_in_the_middle_of_writing_is_no_line(CancellationToken cancellationToken)
    {
        await using LiveProcess program = LiveProcess.Start(Program("sh"), "-c", "printf '1 25\n1 2'; exec sleep 60");
        await program.UntilAsync(lines => lines.Count > 0, cancellationToken);

        await program.KillAsync();

        Assert.That(program.Lines, Is.EqualTo(new[] { "1 25" }));
    }

    private static string Program(string name)
    {
        if (OutsideProcess.Find(name) is { } path)
        {
            return path;
        }

        Assert.Ignore($"{name} is not on PATH.");
        throw new UnreachableException();
    }
}
