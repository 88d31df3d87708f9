using System.CommandLine;
using Milena.Kafka.Cli.Settings;
using Milena.Kafka.Tests.Interop;

namespace Milena.Kafka.Cli.Tests;

[CancelAfter(120_000)]
public class CommandLineTests
{
    private static IEnumerable<Command> Leaves => LeavesOf(CommandLine.CreateRoot());

    private static IEnumerable<TestCaseData> Examples =>
        Leaves.OfType<Verb>().SelectMany(verb => verb.Examples).Select(example => new TestCaseData(example).SetName($"milena {example}"));

    [Test]
    public void Every_verb_shows_examples() => Assert.That(Leaves.Where(c => c is not Verb { Examples.Count: > 0 }).Select(c => c.Name), Is.Empty);

    [TestCaseSource(nameof(Examples))]
    public void An_example_is_a_command_line(string example)
    {
        ParseResult parsed = CommandLine.Parse([.. System.CommandLine.Parsing.CommandLineParser.SplitCommandLine(example)]);

        Assert.That(parsed.Errors.Select(e => e.Message), Is.Empty);
        Assert.That(parsed.CommandResult.Command, Is.TypeOf<Verb>());
    }

    [TestCase("'consum' is not known here. Did you mean consume?", "consum", "orders")]
    [TestCase("'porduce' is not known here. Did you mean produce?", "verify", "porduce")]
    [TestCase("'--untl-end' is not known here. Did you mean --until-end?", "consume", "orders", "--untl-end")]
    [TestCase("'xyzzy' is not known here.", "xyzzy")]
    [TestCase("'linger.sm' behind -X is not a setting that milena knows. Did you mean linger.ms?", "produce", "orders", "-b", "localhost:1", "-X", "linger.sm=5")]
    [TestCase("'much' is no value of linger.ms; it takes a whole number.", "produce", "orders", "-b", "localhost:1", "-X", "linger.ms=much")]
    [TestCase("'some' is no value of acks; it takes all, -1, 0, 1.", "produce", "orders", "-b", "localhost:1", "-X", "acks=some")]
    [TestCase("A setting behind -X is not of the form NAME=VALUE.", "produce", "orders", "-b", "localhost:1", "-X", "secret")]
    public async Task A_mistyped_line_is_answered_in_one_line(string answer, params string[] arguments)
    {
        ProcessResult end = await Milena.RunAsync("", CancellationToken.None, arguments);

        Assert.That(end.ExitCode, Is.EqualTo(1));
        Assert.That(end.Errors.Split('\n')[0], Is.EqualTo($"milena: {answer}"));
    }

    [Test]
    public async Task Help_shows_examples(CancellationToken cancellationToken)
    {
        ProcessResult help = (await Milena.RunAsync("", cancellationToken, "consume", "--help")).EnsureSuccess();

        Assert.That(help.Lines, Does.Contain("Examples:").And.Contain("  milena consume orders --last 10 --format \"%p:%o %k %s\""));
    }

    [TestCase("bash", "-n")]
    [TestCase("zsh", "-n")]
    [TestCase("fish", "--no-execute")]
    public async Task A_shell_takes_its_completion_script(string shell, string check)
    {
        ProcessResult script = (await Milena.RunAsync("", CancellationToken.None, "completion", shell)).EnsureSuccess();

        Assert.That(script.Text, Does.Contain("[suggest:"));
        if (OutsideProcess.Find(shell) is { } program)
        {
            (await OutsideProcess.RunAsync(program, [check], script.Output, TimeSpan.FromSeconds(20), null, CancellationToken.None)).EnsureSuccess();
        }
    }

    [TestCase("milena pe", "perf")]
    [TestCase("milena consume orders --unt", "--until-end")]
    [TestCase("milena produce orders --acks a", "all")]
    public async Task Words_are_completed(string line, string word)
    {
        ProcessResult words = (await Milena.RunAsync("", CancellationToken.None, $"[suggest:{line.Length}]", line)).EnsureSuccess();

        Assert.That(words.Lines, Does.Contain(word));
    }

    [TestCase("config", "confg", 1)]
    [TestCase("topic", "topci", 1)]
    [TestCase("", "abc", 3)]
    [TestCase("kitten", "sitting", 3)]
    public void Words_are_near_by_the_changes_between_them(string from, string to, int distance)
    {
        Assert.That(Nearest.Distance(from, to), Is.EqualTo(distance));
        Assert.That(Nearest.Distance(to, from), Is.EqualTo(distance));
    }

    private static IEnumerable<Command> LeavesOf(Command command) => command.Subcommands.Count == 0 ? [command] : command.Subcommands.SelectMany(LeavesOf);
}
