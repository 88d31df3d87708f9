using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Milena.Kafka.Architecture.Tests;

/// <summary>
/// Folder = namespace inside Milena.Kafka: machinery lies in <c>Folder/Internal</c> and says so in its namespace, public types
/// lie on top of their folder and may be in <c>Milena.Kafka</c>, so that users need one using.
/// </summary>
internal sealed class NamespaceCheck(SourceProject project)
{
    public IReadOnlyList<string> Faults() =>
        [.. project.HandWritten.SelectMany(tree => SourceFileRules.TopLevelTypes(tree).SelectMany(type => FaultsOf(tree, type)))];

    private IEnumerable<string> FaultsOf(SyntaxTree tree, MemberDeclarationSyntax declaration)
    {
        ISymbol type = project.Compilation.GetSemanticModel(tree).GetDeclaredSymbol(declaration)!;
        string actual = type.ContainingNamespace.ToDisplayString();
        string where = SourceProject.Where(declaration.GetLocation());
        string[] folders = Path.GetRelativePath(project.Folder, tree.FilePath).Split(Path.DirectorySeparatorChar)[..^1];
        bool isPublic = type.DeclaredAccessibility == Accessibility.Public;
        string own = string.Join('.', [project.Name, .. folders]);

        if (folders.Contains("Internal"))
        {
            if (isPublic)
            {
                yield return $"{where}: {type.Name} is public and lies in Internal";
            }

            if (actual != own)
            {
                yield return $"{where}: {type.Name} is in {actual}, its folder says {own}";
            }
        }
        else if (actual != own && !(MayBeInRoot(folders, isPublic) && actual == project.Name))
        {
            yield return $"{where}: {type.Name} is in {actual}, its folder says {own}";
        }
    }

    private static bool MayBeInRoot(string[] folders, bool isPublic) => isPublic || folders is ["Common" or "Errors"];
}
