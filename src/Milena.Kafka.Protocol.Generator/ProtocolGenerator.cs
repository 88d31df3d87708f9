using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;
using Milena.Kafka.Protocol.Generator.Emit;
using Milena.Kafka.Protocol.Generator.Model;
using Milena.Kafka.Protocol.Generator.Parsing;

namespace Milena.Kafka.Protocol.Generator;

/// <summary>Turns the definition files of the protocol into C#. A file that did not change is not generated again.</summary>
[Generator(LanguageNames.CSharp)]
public sealed class ProtocolGenerator : IIncrementalGenerator
{
    private static readonly DiagnosticDescriptor BadDefinition = new(
        "MILENA001", "A definition file breaks the grammar", "{0}", "Milena.Protocol", DiagnosticSeverity.Error, isEnabledByDefault: true);

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        IncrementalValuesProvider<(string Path, string Text)> files = context.AdditionalTextsProvider
            .Where(file => file.Path.EndsWith(".api", StringComparison.Ordinal) || file.Path.EndsWith(".tsv", StringComparison.Ordinal))
            .Select((file, cancellationToken) => (file.Path, file.GetText(cancellationToken)?.ToString() ?? ""));

        IncrementalValuesProvider<(string Path, string Text)> definitions = files.Where(f => f.Path.EndsWith(".api", StringComparison.Ordinal));
        context.RegisterSourceOutput(definitions, EmitMessages);
        context.RegisterSourceOutput(definitions.Collect(), EmitApis);
        RegisterTable(context, files, "errors.tsv", 7, "ErrorCode.g.cs", ErrorCodeEmitter.Emit);
        RegisterTable(context, files, "enums.tsv", 6, "Enums.g.cs", EnumEmitter.Emit);
    }

    private static void RegisterTable(
        IncrementalGeneratorInitializationContext context,
        IncrementalValuesProvider<(string Path, string Text)> files,
        string name,
        int columns,
        string hintName,
        Func<IReadOnlyList<string[]>, string> emit) =>
        context.RegisterSourceOutput(files.Where(f => Path.GetFileName(f.Path) == name), (output, file) =>
        {
            try
            {
                output.AddSource(hintName, emit(TableParser.Parse(file.Text, columns)));
            }
            catch (DefinitionException fault)
            {
                Report(output, file.Path, fault);
            }
        });

    private static void EmitMessages(SourceProductionContext output, (string Path, string Text) file)
    {
        try
        {
            Definition definition = DefinitionParser.Parse(file.Text);
            foreach (MessageDefinition message in definition.Messages)
            {
                output.AddSource(MessageEmitter.ClassName(definition, message) + ".g.cs", MessageEmitter.Emit(definition, message));
            }
        }
        catch (DefinitionException fault)
        {
            Report(output, file.Path, fault);
        }
    }

    private static void Report(SourceProductionContext output, string path, DefinitionException fault)
    {
        var start = new LinePosition(fault.Line - 1, 0);
        Location location = Location.Create(path, default, new LinePositionSpan(start, start));
        output.ReportDiagnostic(Diagnostic.Create(BadDefinition, location, fault.Message));
    }

    private static void EmitApis(SourceProductionContext output, ImmutableArray<(string Path, string Text)> files)
    {
        var apis = new List<Definition>();
        foreach ((string _, string text) in files)
        {
            try
            {
                apis.Add(DefinitionParser.Parse(text));
            }
            catch (DefinitionException)
            {
                // Reported where the file's own messages are written.
            }
        }

        apis = apis.Where(d => d.IsApi).OrderBy(d => d.Key).ToList();
        output.AddSource("ApiKey.g.cs", ApiEmitter.EmitKeys(apis));
        output.AddSource("Apis.g.cs", ApiEmitter.EmitTable(apis));
    }
}
