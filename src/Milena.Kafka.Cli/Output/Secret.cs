using System.Text;

namespace Milena.Kafka.Cli.Output;

/// <summary>Asks a person for something that nobody is to see.</summary>
internal static class Secret
{
    /// <summary>Reads a line from the terminal without showing it.</summary>
    public static string Ask(string question)
    {
        // The terminal ceases to show what is typed when it is first asked for keys; that has to be before somebody can answer.
        _ = Console.KeyAvailable;
        Console.Error.Write(question);
        var typed = new StringBuilder();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key == ConsoleKey.Backspace)
            {
                typed.Length = Math.Max(0, typed.Length - 1);
            }
            else if (key.KeyChar != '\0')
            {
                typed.Append(key.KeyChar);
            }
        }

        Console.Error.WriteLine();
        return typed.ToString();
    }
}
