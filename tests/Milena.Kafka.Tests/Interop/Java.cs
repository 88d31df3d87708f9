namespace Milena.Kafka.Tests.Interop;

/// <summary>Java, for Kafka's own programs and for what only Java's class library has.</summary>
internal static class Java
{
    /// <summary>The path of java, or null.</summary>
    public static string? Find() => Find("java");

    /// <summary>Whether a program that is one source file can be run: that takes the compiler as well.</summary>
    public static bool CanRunSource(out string reason)
    {
        reason = "A JDK is neither in JAVA_HOME/bin nor on PATH (Debian: apt-get install default-jdk-headless).";
        return Find() is not null && Find("javac") is not null;
    }

    /// <summary>The arguments that run a program of this folder's.</summary>
    public static IReadOnlyList<string> Source(string file, IEnumerable<string> options, IEnumerable<string> arguments) =>
        ["-Xmx128m", .. options, Path.Combine(AppContext.BaseDirectory, "Interop", "java", file), .. arguments];

    private static string? Find(string program)
    {
        string own = Path.Combine(Environment.GetEnvironmentVariable("JAVA_HOME") ?? "", "bin", program);
        return File.Exists(own) ? own : OutsideProcess.Find(program);
    }
}
