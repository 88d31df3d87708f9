using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Milena.Kafka.Tests.Interop;

namespace Milena.Kafka.Cli.Tests.Verbs;

/// <summary>Every verb in a pseudo-terminal and in a pipe, and as JSON where it prints a table, each with its effect read back.</summary>
[CancelAfter(30_000)]
public class VerbTests
{
    private VerbStage _stage = null!;

    private static IEnumerable<TestCaseData> Trials => VerbTrials.All.Select(trial => new TestCaseData(trial).SetArgDisplayNames(NameOf(trial)));

    private static IEnumerable<TestCaseData> Tables => VerbTrials.All.Where(t => t.Heads is not null && t.Input.Length == 0).Select(trial => new TestCaseData(trial).SetArgDisplayNames(NameOf(trial)));

    [OneTimeSetUp]
    public async Task StartAsync() => _stage = await VerbStage.StartAsync(TestContext.CurrentContext.CancellationToken);

    [OneTimeTearDown]
    public async Task StopAsync() => await _stage.DisposeAsync();

    [Test]
    public void Every_verb_is_tried_once() =>
        Assert.That(VerbTrials.All.Select(NameOf), Is.EquivalentTo(Leaves(CommandLine.CreateRoot(), "")));

    [TestCaseSource(nameof(Trials))]
    public async Task A_person_sees(object given, CancellationToken cancellationToken)
    {
        if (!Terminal.IsAvailable(out string reason))
        {
            Assert.Ignore(reason);
        }

        var trial = (VerbTrial)given;
        await BeforeAsync(trial, "tty");
        bool isTyped = trial.Prompt.Length > 0;
        string[] words = Words(trial, "tty");
        if (trial.Input.Length > 0 && !isTyped)
        {
            await File.WriteAllTextAsync(_stage.Input, trial.Input, cancellationToken);
            words = [.. words, "<", _stage.Input];
        }

        ProcessResult end = await Terminal.RunAsync(
            trial.Until ?? trial.Prompt, trial.Until is not null ? Terminal.CtrlC : isTyped ? Filled(trial.Input, "tty") : "", cancellationToken, words);

        string text = end.Text.Replace("\r\n", "\n", StringComparison.Ordinal);
        Assert.That(end.ExitCode, Is.EqualTo(trial.ExitCode), text);
        if (trial.Seen is { } seen)
        {
            Assert.That(text, Does.Match(Filled(seen, "tty")));
        }

        if (trial.Heads is { } heads)
        {
            string[] lines = [.. text.Split('\n').SkipWhile(line => !line.StartsWith(heads.Split("  ")[0], StringComparison.Ordinal))];
            Assert.That(Regex.Split(lines[0], " {2,}"), Is.EqualTo(heads.Split("  ")), text);
            Assert.That(trial.Piped.Length == 0 || lines.Any(line => Regex.IsMatch(line, $"^ *{Filled(trial.Piped, "tty").Replace(@"\t", " {2,}", StringComparison.Ordinal)}$")), text);
        }

        Assert.That(isTyped && text.Contains(Filled(trial.Input, "tty").Trim(), StringComparison.Ordinal), Is.False, "what is typed at a prompt is not shown");
        await AfterAsync(trial, "tty");
    }

    [TestCaseSource(nameof(Trials))]
    public async Task A_pipe_gets(object given, CancellationToken cancellationToken)
    {
        var trial = (VerbTrial)given;
        await BeforeAsync(trial, "pipe");
        (int code, string text, string errors) = await PipeAsync(trial, cancellationToken);

        Assert.That(code, Is.EqualTo(trial.ExitCode), errors);
        Assert.That(errors, trial.ExitCode == 2 ? Does.StartWith("milena: ") : Is.Empty, "no progress and no question");
        string[] lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string pattern = Filled(trial.Piped, "pipe");
        if (trial.Heads is { } heads)
        {
            Assert.That(lines.Select(line => line.Split('\t').Length), Is.All.EqualTo(heads.Split("  ").Length), text);
            Assert.That(pattern.Length == 0 ? lines.Length == 0 : lines.Any(line => Regex.IsMatch(line, $"^{pattern}$")), text);
        }
        else
        {
            Assert.That(text, Does.Match(pattern));
        }

        await AfterAsync(trial, "pipe");
    }

    /// <summary>In this process, as the form does not depend on who reads.</summary>
    [TestCaseSource(nameof(Tables))]
    public async Task A_program_gets(object given, CancellationToken cancellationToken)
    {
        var trial = (VerbTrial)given;
        await BeforeAsync(trial, "json");
        using var output = new StringWriter();
        using var errors = new StringWriter();
        int code = await CommandLine.Parse([.. Words(trial, "json"), "--json"]).InvokeAsync(new InvocationConfiguration { Output = output, Error = errors }, cancellationToken);

        Assert.That(code, Is.EqualTo(trial.ExitCode), errors.ToString());
        JsonElement[] rows = [.. output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.That(rows, trial.Piped.Length == 0 ? Is.Empty : Is.Not.Empty);
        foreach (JsonElement row in rows)
        {
            Assert.That(string.Join("  ", row.EnumerateObject().Select(p => Regex.Replace(p.Name, "[A-Z]", " $0").ToUpperInvariant())), Is.EqualTo(trial.Heads));
        }

        await AfterAsync(trial, "json");
    }

    private static string NameOf(VerbTrial trial) => Verbs.First(verb => trial.Line == verb || trial.Line.StartsWith(verb + " ", StringComparison.Ordinal));

    private static string[] Verbs { get; } = [.. Leaves(CommandLine.CreateRoot(), "")];

    private static IEnumerable<string> Leaves(Command command, string path) =>
        command.Subcommands.Count == 0 ? [path] : command.Subcommands.SelectMany(c => Leaves(c, path.Length == 0 ? c.Name : $"{path} {c.Name}"));

    private string Filled(string text, string form) => text
        .Replace("{0}", form, StringComparison.Ordinal)
        .Replace("{1}", VerbTrials.NumberOf(form).ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
        .Replace("{2}", (3 + VerbTrials.NumberOf(form)).ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
        .Replace("{hmac}", _stage.Hmac, StringComparison.Ordinal);

    private string[] Words(VerbTrial trial, string form) => [.. Filled(trial.Line, form).Split(' '), .. trial.NamesCluster ? (string[])["--config", _stage.Config] : []];

    private Task BeforeAsync(VerbTrial trial, string form) => trial.Before?.Invoke(_stage, form) ?? Task.CompletedTask;

    private Task AfterAsync(VerbTrial trial, string form) => trial.After?.Invoke(_stage, form) ?? Task.CompletedTask;

    private async Task<(int Code, string Text, string Errors)> PipeAsync(VerbTrial trial, CancellationToken cancellationToken)
    {
        string[] words = Words(trial, "pipe");
        if (trial.Until is not { } until)
        {
            ProcessResult end = await Milena.RunAsync(Filled(trial.Input, "pipe"), cancellationToken, words);
            return (end.ExitCode, end.Text, end.Errors);
        }

        await using LiveProcess live = LiveProcess.Start(Milena.Host, [Milena.Assembly, .. words]);
        await live.UntilAsync(lines => lines.Any(line => line.Contains(until, StringComparison.Ordinal)), cancellationToken);
        int code = await live.EndAsync(cancellationToken);
        return (code, string.Join('\n', live.Lines), live.Errors);
    }
}
