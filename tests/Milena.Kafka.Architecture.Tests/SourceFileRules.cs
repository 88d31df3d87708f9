using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Milena.Kafka.Architecture.Tests;

/// <summary>One type per file, named after it; no file that nobody can hold in their head; no regions.</summary>
internal static class SourceFileRules
{
    public const int MaxLines = 600;

    public static IEnumerable<string> Faults(SyntaxTree tree)
    {
        string where = Repository.Relative(tree.FilePath);
        int lines = tree.GetText().Lines.Count;
        if (lines > MaxLines)
        {
            yield return $"{where}: {lines} lines, at most {MaxLines} are allowed";
        }

        foreach (SyntaxTrivia region in tree.GetRoot().DescendantTrivia().Where(trivia => trivia.IsKind(SyntaxKind.RegionDirectiveTrivia)))
        {
            yield return $"{SourceProject.Where(region.GetLocation())}: #region";
        }

        // A type and its generic sibling count as one.
        MemberDeclarationSyntax[] types = [.. TopLevelTypes(tree)];
        string[] names = [.. types.Select(NameOf).Distinct()];
        if (names.Length > 1)
        {
            yield return $"{where}: more than one type: {string.Join(", ", names)}";
        }
        else if (names.Length == 1 && NameOfFile(tree.FilePath) is var file && names[0] != file
            && !(types.All(IsGeneric) && names[0] + "OfT" == file))
        {
            yield return $"{where}: holds {names[0]} and is not named after it";
        }
    }

    public static IEnumerable<MemberDeclarationSyntax> TopLevelTypes(SyntaxTree tree) =>
        tree.GetRoot()
            .DescendantNodes(node => node is CompilationUnitSyntax or BaseNamespaceDeclarationSyntax)
            .OfType<MemberDeclarationSyntax>()
            .Where(member => member is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax);

    private static string NameOf(MemberDeclarationSyntax declaration) => declaration switch
    {
        BaseTypeDeclarationSyntax type => type.Identifier.ValueText,
        DelegateDeclarationSyntax method => method.Identifier.ValueText,
        _ => throw new ArgumentOutOfRangeException(nameof(declaration), declaration.Kind(), "Not a type."),
    };

    private static bool IsGeneric(MemberDeclarationSyntax declaration) =>
        declaration is TypeDeclarationSyntax { TypeParameterList: not null } or DelegateDeclarationSyntax { TypeParameterList: not null };

    // Producer.Sending.cs is a part of Producer, Codec{T}.cs and Codec`1.cs hold Codec<T>, as does CodecOfT.cs.
    private static string NameOfFile(string path) => Path.GetFileName(path).Split('.', '{', '`')[0];
}
