using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;
using Milena.Kafka.Protocol.Generator;

namespace Milena.Kafka.Protocol.Tests.Generator;

/// <summary>A definition file as the compiler hands it to the generator.</summary>
internal sealed class DefinitionFile(string path, string text) : AdditionalText
{
    public override string Path => path;

    public override SourceText GetText(CancellationToken cancellationToken = default) => SourceText.From(text);

    /// <summary>Makes a driver that remembers which steps it ran.</summary>
    public static GeneratorDriver Driver(params IEnumerable<DefinitionFile> files) => CSharpGeneratorDriver.Create(
        [new ProtocolGenerator().AsSourceGenerator()],
        files.ToImmutableArray<AdditionalText>(),
        new CSharpParseOptions(LanguageVersion.Preview),
        driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));

    public static CSharpCompilation Compilation(params IEnumerable<string> sources) =>
        CSharpCompilation.Create("Tests", sources.Select(s => CSharpSyntaxTree.ParseText(s)));
}
