using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Milena.Kafka.Architecture.Tests;

/// <summary>One project under src/, compiled from its sources so that every name in it can be resolved.</summary>
internal sealed class SourceProject
{
    // Roslyn of this version knows the newest language as a preview.
    private static readonly CSharpParseOptions ParseOptions = new(
        LanguageVersion.Preview,
        DocumentationMode.Parse,
        preprocessorSymbols: ["NET", "NETCOREAPP", "NET8_0_OR_GREATER", "NET9_0_OR_GREATER", "NET10_0", "NET10_0_OR_GREATER"]);

    // What the SDK adds as implicit usings.
    private const string ImplicitUsings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    private static readonly IReadOnlyList<(string Name, MetadataReference Reference)> Platform =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Select(path => (Path.GetFileNameWithoutExtension(path), (MetadataReference)MetadataReference.CreateFromFile(path)))];

    private static readonly ConcurrentDictionary<string, Lazy<SourceProject>> Loaded = new(StringComparer.Ordinal);

    private SourceProject(string name, string folder, CSharpCompilation compilation, IReadOnlyList<SyntaxTree> handWritten)
    {
        Name = name;
        Folder = folder;
        Compilation = compilation;
        HandWritten = handWritten;
    }

    public string Name { get; }

    public string Folder { get; }

    public CSharpCompilation Compilation { get; }

    public IReadOnlyList<SyntaxTree> HandWritten { get; }

    /// <summary>A project as it stands on disk; read once, all tests share it.</summary>
    public static SourceProject Load(string name) =>
        Loaded.GetOrAdd(name, key => new Lazy<SourceProject>(() => Read(key))).Value;

    /// <summary>A project that exists only as text: what the guards are tried on.</summary>
    public static SourceProject FromText(string name, params (string Path, string Text)[] files)
    {
        string folder = Path.Combine(Repository.Source, name);
        IReadOnlyList<SyntaxTree> trees = [.. files.Select(file => Parse(file.Text, Path.Combine(folder, file.Path)))];
        return new SourceProject(name, folder, Compile(name, program: false, trees), trees);
    }

    /// <summary>A compilation of nothing, to look at the built assemblies with.</summary>
    public static CSharpCompilation CompileAgainstPlatform() => Compile("Nothing", program: false, []);

    /// <summary>Names that could not be resolved: with them a guard would look at less than it claims.</summary>
    public IReadOnlyList<string> UnresolvedNames()
    {
        string[] unresolved = ["CS0012", "CS0103", "CS0117", "CS0234", "CS0246", "CS1061"];
        return [.. HandWritten
            .SelectMany(tree => Compilation.GetSemanticModel(tree).GetDiagnostics())
            .Where(diagnostic => unresolved.Contains(diagnostic.Id))
            .Select(diagnostic => $"{Where(diagnostic.Location)}: {diagnostic.GetMessage(CultureInfo.InvariantCulture)}")];
    }

    public static string Where(Location location)
    {
        FileLinePositionSpan span = location.GetLineSpan();
        return $"{Repository.Relative(span.Path)}:{span.StartLinePosition.Line + 1}";
    }

    private static SourceProject Read(string name)
    {
        string folder = Path.Combine(Repository.Source, name);
        IReadOnlyList<string> files = Repository.SourceFiles(folder);
        IReadOnlyList<SyntaxTree> handWritten = [.. files.Select(file => Parse(File.ReadAllText(file), file))];
        IEnumerable<SyntaxTree> generated = Repository.GeneratedFiles(folder).Select(file => Parse(File.ReadAllText(file), file));
        bool program = name == "Milena.Kafka.Cli";
        return new SourceProject(name, folder, Compile(name, program, [.. handWritten, .. generated]), handWritten);
    }

    private static SyntaxTree Parse(string text, string path) => CSharpSyntaxTree.ParseText(text, ParseOptions, path);

    private static CSharpCompilation Compile(string name, bool program, IReadOnlyList<SyntaxTree> trees)
    {
        string assembly = program ? "milena" : name;
        IEnumerable<MetadataReference> references = Platform
            .Where(candidate => candidate.Name != assembly)
            .Select(candidate => candidate.Reference);
        CSharpCompilationOptions options = new(
            program ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary,
            allowUnsafe: true,
            nullableContextOptions: NullableContextOptions.Enable);
        return CSharpCompilation.Create(assembly, [Parse(ImplicitUsings, "ImplicitUsings.cs"), .. trees], references, options);
    }
}
