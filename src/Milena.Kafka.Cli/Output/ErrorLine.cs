namespace Milena.Kafka.Cli.Output;

/// <summary>What went wrong, in the one line that a person gets.</summary>
internal static class ErrorLine
{
    public static string Of(Exception fault)
    {
        // Which parameter of a method it was says nothing to who typed an option.
        string message = fault is ArgumentException { ParamName: { } name } ? fault.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal) : fault.Message;
        return string.Join(' ', message.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
    }
}
