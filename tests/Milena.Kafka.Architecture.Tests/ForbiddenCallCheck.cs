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
                if (held && call.Matches(symbol) && !IsOfCompletedTask(node, symbol) && !IsExcused(node, call))
                {
                    yield return $"{SourceProject.Where(node.GetLocation())}: {symbol.ToDisplayString()} is {call.Name}; {call.Instead}";
                }
            }
        }
    }

    private static bool IsExcused(SyntaxNode node, ForbiddenCall call) =>
        call.ExcusedType is { } type && node.Ancestors().OfType<TypeDeclarationSyntax>().Any(outer => outer.Identifier.ValueText == type);

    private static ISymbol? SymbolOf(SemanticModel model, SyntaxNode node) => node switch
    {
        SimpleNameSyntax or BaseObjectCreationExpressionSyntax or AnonymousFunctionExpressionSyntax => model.GetSymbolInfo(node).Symbol,
        MethodDeclarationSyntax or LocalFunctionStatementSyntax => model.GetDeclaredSymbol(node),
        _ => null,
    };

    /// <summary>
    /// The result of a task that was just seen to be completed blocks nobody: <c>task.IsCompletedSuccessfully ? task.Result : ...</c>,
    /// <c>task is { IsCompletedSuccessfully: true } &amp;&amp; task.Result ...</c> and
    /// <c>if (!task.IsCompletedSuccessfully) { return Slow(task); } return task.Result;</c>.
    /// </summary>
    private static bool IsOfCompletedTask(SyntaxNode node, ISymbol symbol)
    {
        if (TaskOf(node, symbol) is not { } task)
        {
            return false;
        }

        return node.Ancestors().Any(ancestor => ancestor switch
        {
            BinaryExpressionSyntax { OperatorToken.ValueText: "&&" } both => IsIn(both.Right, node) && Holds(both.Left, task),
            ConditionalExpressionSyntax choice => IsIn(choice.WhenTrue, node) && Holds(choice.Condition, task)
                || IsIn(choice.WhenFalse, node) && IsNot(choice.Condition, task),
            IfStatementSyntax choice => IsIn(choice.Statement, node) && Holds(choice.Condition, task)
                || choice.Else is { } otherwise && IsIn(otherwise, node) && IsNot(choice.Condition, task),
            BlockSyntax block => block.Statements
                .TakeWhile(statement => !IsIn(statement, node))
                .OfType<IfStatementSyntax>()
                .Any(choice => IsNot(choice.Condition, task) && Leaves(choice.Statement)),
            _ => false,
        });
    }

    // The text before .Result or before .GetAwaiter().GetResult().
    private static string? TaskOf(SyntaxNode node, ISymbol symbol) => node.Parent switch
    {
        MemberAccessExpressionSyntax access when ForbiddenCalls.IsResult(symbol) => access.Expression.ToString(),
        MemberAccessExpressionSyntax
        {
            Name.Identifier.ValueText: "GetResult",
            Expression: InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "GetAwaiter" } awaiter },
        } => awaiter.Expression.ToString(),
        _ => null,
    };

    private static bool Holds(ExpressionSyntax condition, string task) => condition switch
    {
        BinaryExpressionSyntax { OperatorToken.ValueText: "&&" } both => Holds(both.Left, task) || Holds(both.Right, task),
        _ => condition.ToString() == $"{task}.IsCompletedSuccessfully"
            || condition.ToString() == $"{task} is {{ IsCompletedSuccessfully: true }}",
    };

    private static bool IsNot(ExpressionSyntax condition, string task) => condition.ToString() == $"!{task}.IsCompletedSuccessfully";

    private static bool IsIn(SyntaxNode outer, SyntaxNode inner) => outer.Span.Contains(inner.Span);

    private static bool Leaves(StatementSyntax statement) => statement switch
    {
        BlockSyntax block => block.Statements.LastOrDefault() is { } last && Leaves(last),
        ReturnStatementSyntax or ThrowStatementSyntax or ContinueStatementSyntax or BreakStatementSyntax => true,
        _ => false,
    };
}
