using System.Reflection;

namespace Milena.Kafka.Architecture.Tests;

/// <summary>Where the files of this repository lie, found upwards from the test binaries.</summary>
internal static class Repository
{
    private static readonly string[] Built = ["bin", "obj"];

    public static string Root { get; } = FindRoot();

    public static string Source => Path.Combine(Root, "src");

    /// <summary>Debug or Release: generated files are taken from the build that the tests belong to.</summary>
    private static string Configuration =>
        typeof(Repository).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;

    public static IReadOnlyList<string> Projects() =>
        [.. Directory.GetFiles(Source, "*.csproj", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    /// <summary>The hand-written files of a project folder.</summary>
    public static IReadOnlyList<string> SourceFiles(string folder) =>
        [.. Directory.GetFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Where(file => !Path.GetRelativePath(folder, file).Split(Path.DirectorySeparatorChar).Any(Built.Contains))
            .Order(StringComparer.Ordinal)];

    /// <summary>What generators added to a project in the last build (EmitCompilerGeneratedFiles).</summary>
    public static IReadOnlyList<string> GeneratedFiles(string folder)
    {
        string generated = Path.Combine(folder, "obj", Configuration, "net10.0", "generated");
        return Directory.Exists(generated)
            ? [.. Directory.GetFiles(generated, "*.cs", SearchOption.AllDirectories).Order(StringComparer.Ordinal)]
            : [];
    }

    public static string Relative(string path) => Path.GetRelativePath(Root, path).Replace('\\', '/');

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Client.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException($"No Client.sln above {AppContext.BaseDirectory}.");
    }
}
