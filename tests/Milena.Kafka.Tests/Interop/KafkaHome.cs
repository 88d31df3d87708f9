namespace Milena.Kafka.Tests.Interop;

/// <summary>An Apache Kafka distribution: <c>KAFKA_HOME=dir</c> with <c>libs/*.jar</c>, any 3.9 or 4.x.</summary>
internal static class KafkaHome
{
    public const string Variable = "KAFKA_HOME";

    public static bool IsAvailable(out string reason)
    {
        string home = Environment.GetEnvironmentVariable(Variable) ?? "";
        if (home.Length == 0)
        {
            reason = $"{Variable} names no Apache Kafka distribution (a folder with libs/*.jar).";
            return false;
        }

        string libraries = Path.Combine(home, "libs");
        if (!Directory.Exists(libraries) || Directory.GetFiles(libraries, "*.jar").Length == 0)
        {
            reason = $"{Variable} has no jar in its folder libs.";
            return false;
        }

        reason = "java is neither in JAVA_HOME/bin nor on PATH.";
        return Java.Find() is not null;
    }

    /// <summary>The commands of the distribution that <c>KAFKA_HOME</c> names.</summary>
    public static KafkaCommands Commands() => new(
        Java.Find() ?? throw new InvalidOperationException("No java."),
        Environment.GetEnvironmentVariable(Variable) ?? throw new InvalidOperationException($"{Variable} is not set."));

    /// <summary>Runs a tool of the distribution, as its scripts do.</summary>
    /// <param name="classes">The names that its class has had, the oldest first: the first that is there is run.</param>
    /// <param name="arguments">What follows.</param>
    /// <param name="timeout">How long it may take.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<ProcessResult> RunToolAsync(IEnumerable<string> classes, IReadOnlyList<string> arguments, TimeSpan timeout, CancellationToken cancellationToken)
    {
        KafkaCommands commands = Commands();
        var last = new ProcessResult(1, [], "No class was named.");
        foreach (string tool in classes)
        {
            last = await OutsideProcess.RunAsync(commands.Java, [.. commands.Run(tool, arguments)], Array.Empty<byte>(), timeout, environment: null, cancellationToken);
            if (!last.Errors.Contains("ClassNotFoundException", StringComparison.Ordinal))
            {
                break;
            }
        }

        return last;
    }
}
