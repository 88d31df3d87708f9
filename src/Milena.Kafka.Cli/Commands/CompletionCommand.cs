using System.CommandLine;
using Milena.Kafka.Cli.Settings;

namespace Milena.Kafka.Cli.Commands;

/// <summary><c>milena completion</c>: what a shell needs to complete verbs and options.</summary>
internal static class CompletionCommand
{
    private static readonly Dictionary<string, string> Scripts = new()
    {
        ["bash"] = """
            _milena() {
              local IFS=$'\n'
              COMPREPLY=($(compgen -W "$(milena "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
            }
            complete -F _milena milena
            """,
        ["zsh"] = """
            _milena() {
              local -a words_found
              words_found=("${(@f)$(milena "[suggest:${#BUFFER}]" "${BUFFER}" 2>/dev/null)}")
              compadd -a words_found
            }
            compdef _milena milena
            """,
        ["fish"] = """
            complete -f -c milena -a '(milena "[suggest:"(string length -- (commandline -cp))"]" (commandline -cp) 2>/dev/null)'
            """,
        ["pwsh"] = """
            Register-ArgumentCompleter -Native -CommandName milena -ScriptBlock {
              param($word, $line, $position)
              milena "[suggest:$position]" "$line" | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_) }
            }
            """,
    };

    public static Command Create()
    {
        var shell = new Argument<string>("SHELL") { Description = $"The shell: {string.Join(", ", Scripts.Keys)}." };
        shell.OneOf([.. Scripts.Keys]);
        var command = new Verb("completion", "Prints a script with which a shell completes the verbs and options of milena.")
        {
            Examples = ["completion bash", "completion fish"],
        };
        command.Arguments.Add(shell);
        command.SetAction(parsed => parsed.InvocationConfiguration.Output.WriteLine(Scripts[parsed.GetRequiredValue(shell)]));
        return command;
    }
}
