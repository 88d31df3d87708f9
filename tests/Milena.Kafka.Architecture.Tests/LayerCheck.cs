using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Milena.Kafka.Architecture.Tests;

/// <summary>Resolves every name in Milena.Kafka and holds the folder of what it means against the layers.</summary>
internal sealed class LayerCheck(SourceProject project)
{
    public IReadOnlyList<string> Faults()
    {
        List<string> faults = [];
        foreach (SyntaxTree tree in project.HandWritten)
        {
            string folder = FolderOf(tree.FilePath);
            if (!Layers.Knows(folder))
            {
                faults.Add($"{Repository.Relative(tree.FilePath)}: the folder {folder} belongs to no layer");
                continue;
            }

            faults.AddRange(FaultsOf(tree, folder));
        }

        return faults;
    }

    private IEnumerable<string> FaultsOf(SyntaxTree tree, string folder)
    {
        SemanticModel model = project.Compilation.GetSemanticModel(tree);

        // Documentation, nameof and the object of an ObjectDisposedException are left out on purpose: what a user reads may
        // name what a user knows.
        foreach (SimpleNameSyntax name in tree.GetRoot().DescendantNodes(node => !IsForMessage(node)).OfType<SimpleNameSyntax>())
        {
            SymbolInfo found = model.GetSymbolInfo(name);
            ISymbol? symbol = found.Symbol ?? found.CandidateSymbols.FirstOrDefault();
            if (symbol is null || TopLevelTypeOf(symbol) is not { } type)
            {
                continue;
            }

            foreach (string other in FoldersOf(type))
            {
                if (Layers.Knows(other) && Layers.Fault(folder, other) is { } fault)
                {
                    yield return $"{SourceProject.Where(name.GetLocation())}: {symbol.ToDisplayString()} is {fault}";
                }
            }
        }
    }

    private static bool IsForMessage(SyntaxNode node) => node switch
    {
        InvocationExpressionSyntax { Expression: IdentifierNameSyntax { Identifier.ValueText: "nameof" } } => true,
        TypeOfExpressionSyntax { Parent.Parent.Parent: InvocationExpressionSyntax call } =>
            call.Expression.ToString() == "ObjectDisposedException.ThrowIf",
        _ => false,
    };

    private static INamedTypeSymbol? TopLevelTypeOf(ISymbol symbol)
    {
        INamedTypeSymbol? type = symbol switch
        {
            INamedTypeSymbol named => named,
            IMethodSymbol or IPropertySymbol or IFieldSymbol or IEventSymbol => symbol.ContainingType,
            _ => null,
        };
        while (type?.ContainingType is { } outer)
        {
            type = outer;
        }

        return type?.OriginalDefinition;
    }

    private IEnumerable<string> FoldersOf(INamedTypeSymbol type) =>
        type.DeclaringSyntaxReferences
            .Select(reference => reference.SyntaxTree)
            .Where(project.HandWritten.Contains)
            .Select(tree => FolderOf(tree.FilePath))
            .Distinct();

    private string FolderOf(string path)
    {
        string[] parts = Path.GetRelativePath(project.Folder, path).Split(Path.DirectorySeparatorChar);
        return parts.Length == 1 ? Layers.Root : parts[0];
    }
}
