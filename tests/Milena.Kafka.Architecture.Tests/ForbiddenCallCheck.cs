using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Milena.Kafka.Architecture.Tests;

/// <summary>Looks for forbidden calls among the resolved symbols of a project.</summary>
internal sealed class ForbiddenCallCheck(SourceProject project, bool program = false)
{
    public IReadOnlyList<string> Faults() => [.. project.HandWritten.SelectMany(FaultsOf)];

    private IEnumerable<string> FaultsOf(SyntaxTree tree)
    {
        SemanticModel model = project.Compilation.GetSemanticModel(tree);
        foreach (SyntaxNode node in tree.GetRoot().DescendantNodes())
        {
            if (SymbolOf(model, node) is not { } symbol)
            {
                continue;
            }

            foreach (ForbiddenCall call in ForbiddenCalls.All)
            {
                bool held = call.ForPrograms || !program;
                if (held && call.Matches(symbol) && !IsOfCompletedTask(node, symbol))
                {
                    yield return $"{SourceProject.Where(node.GetLocation())}: {symbol.ToDisplayString()} is {call.Name}; {call.Instead}";
                }
            }
        }
    }

    private static ISymbol? SymbolOf(SemanticModel model, SyntaxNode node) => node switch
    {
        SimpleNameSyntax or BaseObjectCreationExpressionSyntax or AnonymousFunctionExpressionSyntax => model.GetSymbolInfo(node).Symbol,
        MethodDeclarationSyntax or LocalFunctionStatementSyntax => model.GetDeclaredSymbol(node),
        _ => null,
    };

    /// <summary>
    /// The result of a task that was just seen to be completed blocks nobody: <c>task.IsCompletedSuccessfully ? task.Result : ...</c>
    /// and <c>if (!task.IsCompletedSuccessfully) { return Slow(task); } return task.Result;</c>.
    /// </summary>
    private static bool IsOfCompletedTask(SyntaxNode node, ISymbol symbol)
    {
        if (!ForbiddenCalls.IsResult(symbol) || node.Parent is not MemberAccessExpressionSyntax access)
        {
            return false;
        }

        string seen = $"{access.Expression}.IsCompletedSuccessfully";
        return access.Ancestors().Any(ancestor => ancestor switch
        {
            ConditionalExpressionSyntax choice => IsIn(choice.WhenTrue, access) && Holds(choice.Condition, seen)
                || IsIn(choice.WhenFalse, access) && IsNot(choice.Condition, seen),
            IfStatementSyntax choice => IsIn(choice.Statement, access) && Holds(choice.Condition, seen)
                || choice.Else is { } otherwise && IsIn(otherwise, access) && IsNot(choice.Condition, seen),
            BlockSyntax block => block.Statements
                .TakeWhile(statement => !IsIn(statement, access))
                .OfType<IfStatementSyntax>()
                .Any(choice => IsNot(choice.Condition, seen) && Leaves(choice.Statement)),
            _ => false,
        });
    }

    private static bool Holds(ExpressionSyntax condition, string seen) => condition switch
    {
        BinaryExpressionSyntax { OperatorToken.ValueText: "&&" } both => Holds(both.Left, seen) || Holds(both.Right, seen),
        _ => condition.ToString() == seen,
    };

    private static bool IsNot(ExpressionSyntax condition, string seen) => condition.ToString() == "!" + seen;

    private static bool IsIn(SyntaxNode outer, SyntaxNode inner) => outer.Span.Contains(inner.Span);

    private static bool Leaves(StatementSyntax statement) => statement switch
    {
        BlockSyntax block => block.Statements.LastOrDefault() is { } last && Leaves(last),
        ReturnStatementSyntax or ThrowStatementSyntax or ContinueStatementSyntax or BreakStatementSyntax => true,
        _ => false,
    };
}
