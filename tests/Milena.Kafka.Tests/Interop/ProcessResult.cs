using System.Text;

namespace Milena.Kafka.Tests.Interop;

/// <summary>What a program left behind.</summary>
internal sealed record ProcessResult(int ExitCode, byte[] Output, string Errors)
{
    /// <summary>Standard output as text.</summary>
    public string Text => Encoding.UTF8.GetString(Output);

    public IReadOnlyList<string> Lines => Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>This result, or an exception with what the program wrote when it failed.</summary>
    public ProcessResult EnsureSuccess() =>
        ExitCode == 0 ? this : throw new InvalidOperationException($"Exit code {ExitCode}: {Errors}{Text}");
}
