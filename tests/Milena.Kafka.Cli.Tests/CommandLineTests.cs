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

    [TestCase("consum orders", "'consum' is not known here. Did you mean consume? Try 'milena --help'.")]
    [TestCase("verify porduce", "'porduce' is not known here. Did you mean produce? Try 'milena verify --help'.")]
    [TestCase("consume orders --untl-end", "'--untl-end' is not known here. Did you mean --until-end? Try 'milena consume --help'.")]
    [TestCase("xyzzy", "'xyzzy' is not known here. Try 'milena --help'.")]
    [TestCase("tokens", "A verb is missing: create, list, renew, expire. Try 'milena tokens --help'.")]
    [TestCase("topics create", "Required argument 'TOPIC' missing for command: 'create'. Try 'milena topics create --help'.")]
    [TestCase("topics create t --partitions many", "'many' behind --partitions is no whole number that fits. Try 'milena topics create --help'.")]
    [TestCase("topics create t --partitions 0", "--partitions must be at least 1. Try 'milena topics create --help'.")]
    [TestCase("topics create t --replication 99999", "'99999' behind --replication is no whole number that fits. Try 'milena topics create --help'.")]
    [TestCase("consume t --count x", "'x' behind --count is no whole number. Try 'milena consume --help'.")]
    [TestCase("consume t --partition -1", "--partition must not be negative. Try 'milena consume --help'.")]
    [TestCase("consume t --isolation read_comitted", "'read_comitted' behind --isolation is none of read_uncommitted, read_committed. Did you mean read_committed? Try 'milena consume --help'.")]
    [TestCase("perf produce t --count x", "'x' behind --count is no whole number. Try 'milena perf produce --help'.")]
    [TestCase("verify produce t --delivery-timeout x", "'x' behind --delivery-timeout is no number. Try 'milena verify produce --help'.")]
    [TestCase("produce t --compression gzpi", "'gzpi' behind --compression is none of none, gzip, snappy, lz4, zstd. Did you mean gzip? Try 'milena produce --help'.")]
    [TestCase("cluster unregister one", "'one' in the place of BROKER is no whole number that fits. Try 'milena cluster unregister --help'.")]
    [TestCase("completion tcsh", "'tcsh' is none of bash, zsh, fish, pwsh. Did you mean bash? Try 'milena completion --help'.")]
    public void A_mistyped_line_is_answered_with_what_is_wrong_and_where_help_is(string line, string answer) =>
        Assert.That(CommandLine.Complaint(CommandLine.Parse(line.Split(' '))), Is.EqualTo(answer));

    [TestCase("'consum' is not known here. Did you mean consume? Try 'milena --help'.", "consum", "orders")]
    [TestCase("'linger.sm' behind -X is not a setting that milena knows. Did you mean linger.ms?", "produce", "orders", "-b", "localhost:1", "-X", "linger.sm=5")]
    [TestCase("'much' is no value of linger.ms; it takes a whole number.", "produce", "orders", "-b", "localhost:1", "-X", "linger.ms=much")]
    [TestCase("'some' is no value of acks; it takes all, -1, 0, 1.", "produce", "orders", "-b", "localhost:1", "-X", "acks=some")]
    [TestCase("A setting behind -X is not of the form NAME=VALUE.", "produce", "orders", "-b", "localhost:1", "-X", "secret")]
    [TestCase("'soon' behind --longer-than is no duration such as PT12H or P1D.", "transactions", "list", "-b", "localhost:1", "--longer-than", "soon")]
    [TestCase("a is named twice behind --set.", "topics", "create", "t", "-b", "localhost:1", "--set", "a=1", "--set", "a=2")]
    [TestCase("t-0 is named twice behind --before.", "topics", "delete-records", "t", "-b", "localhost:1", "--before", "0=1", "--before", "0=2")]
    [TestCase("'t:0@1' is not of the form TOPIC:N@BROKER=DIR.", "reassign", "move-dir", "t:0@1", "-b", "localhost:1")]
    [TestCase("'producer_byte_rate=NaN' behind --set is not of the form QUOTA=NUMBER.", "quotas", "set", "--user", "u", "-b", "localhost:1", "--set", "producer_byte_rate=NaN")]
    [TestCase("--last and --from both say where to start; take one of them.", "consume", "t", "-b", "localhost:1", "--last", "1", "--from", "end")]
    [TestCase("--static-id, --protocol and --assignor need --group.", "consume", "t", "-b", "localhost:1", "--protocol", "classic")]
    [TestCase("--repartition needs --json.", "produce", "t", "-b", "localhost:1", "--repartition")]
    [TestCase("--key-separator is not for --json, where each line says it itself.", "produce", "t", "-b", "localhost:1", "--json", "--key-separator", ":")]
    public async Task A_mistyped_line_is_answered_in_one_line(string answer, params string[] arguments)
    {
        ProcessResult end = await Milena.RunAsync("", CancellationToken.None, arguments);

        Assert.That(end.ExitCode, Is.EqualTo(1));
        Assert.That(end.Errors, Is.EqualTo($"milena: {answer}\n"));
    }

    [Test]
    public async Task A_cluster_that_cannot_be_reached_is_told_in_one_line_with_the_remedy(CancellationToken cancellationToken)
    {
        // Nothing listens on port 1 of this machine.
        ProcessResult end = await Milena.RunAsync("", cancellationToken, "consume", "t", "-b", "127.0.0.1:1", "--until-end");

        Assert.That(end.ExitCode, Is.EqualTo(2));
        Assert.That(end.Errors, Does.Match(@"^milena: No broker could be reached\. Tried: [^\n]*127\.0\.0\.1:1[^\n]* Check the address, [^\n]*\n$"));
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
    [TestCase("milena produce orders --compression z", "zstd")]
    [TestCase("milena acls create --operation re", "read")]
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
