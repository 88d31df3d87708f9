using Microsoft.CodeAnalysis;

namespace Milena.Kafka.Architecture.Tests;

/// <summary>The calls that would take time, chance or a thread from behind the back of a caller.</summary>
internal static class ForbiddenCalls
{
    private const string TimeProviderInstead = "take a TimeProvider";

    private static readonly string[] Tasks = ["System.Threading.Tasks.Task", "System.Threading.Tasks.Task<TResult>"];

    public static IReadOnlyList<ForbiddenCall> All { get; } =
    [
        new("the wall clock", TimeProviderInstead, ForPrograms: false, symbol =>
            symbol is IPropertySymbol { Name: "Now" or "UtcNow" or "Today" } && IsMemberOf(symbol, "System.DateTime", "System.DateTimeOffset")),
        new("a stopwatch", TimeProviderInstead, ForPrograms: false, symbol =>
            symbol is IMethodSymbol && IsMemberOf(symbol, "System.Diagnostics.Stopwatch")),
        new("the tick count", TimeProviderInstead, ForPrograms: false, symbol =>
            symbol.Name is "TickCount" or "TickCount64" && IsMemberOf(symbol, "System.Environment"), ExcusedType: "RecordClock"),
        new("sleep", "await a delay of a TimeProvider", ForPrograms: true, symbol =>
            symbol.Name is "Sleep" && IsMemberOf(symbol, "System.Threading.Thread")),
        new("a delay of the system clock", "Task.Delay with a TimeProvider", ForPrograms: false, symbol =>
            symbol is IMethodSymbol { Name: "Delay" } && IsMemberOf(symbol, Tasks) && !TakesTimeProvider(symbol)),
        new("a time-out of the system clock", "new CancellationTokenSource with a TimeProvider", ForPrograms: false, symbol =>
            IsConstructorOf(symbol, "System.Threading.CancellationTokenSource", out IMethodSymbol constructor)
            && constructor.Parameters.Length == 1),
        new("a timer of the system clock", "TimeProvider.CreateTimer or a PeriodicTimer with a TimeProvider", ForPrograms: false, symbol =>
            IsConstructorOf(symbol, "System.Threading.PeriodicTimer", out _) && !TakesTimeProvider(symbol)
            || IsConstructorOf(symbol, "System.Threading.Timer", out _)
            || IsConstructorOf(symbol, "System.Timers.Timer", out _)),
        new("a bounded wait by the system clock", "WaitAsync with a TimeProvider", ForPrograms: false, symbol =>
            symbol is IMethodSymbol { Name: "WaitAsync" } && IsMemberOf(symbol, Tasks)
            && TakesTimeSpan(symbol) && !TakesTimeProvider(symbol)),
        new("a blocked thread", "await", ForPrograms: true, IsBlocking),
        new("unseeded chance", "take a Random", ForPrograms: false, symbol =>
            symbol.Name is "Shared" && IsMemberOf(symbol, "System.Random")
            || IsConstructorOf(symbol, "System.Random", out IMethodSymbol constructor) && constructor.Parameters.IsEmpty),
        new("async void", "return a Task", ForPrograms: true, symbol => symbol is IMethodSymbol { IsAsync: true, ReturnsVoid: true }),
    ];

    public static bool IsResult(ISymbol symbol) =>
        symbol is IPropertySymbol { Name: "Result" }
        && IsMemberOf(symbol, "System.Threading.Tasks.Task<TResult>", "System.Threading.Tasks.ValueTask<TResult>");

    private static bool IsBlocking(ISymbol symbol) =>
        IsResult(symbol)
        || symbol is IMethodSymbol { Name: "Wait" or "WaitAll" or "WaitAny" or "RunSynchronously" } && IsMemberOf(symbol, Tasks)
        || symbol is IMethodSymbol { Name: "GetResult" } && IsAwaiter(symbol.ContainingType);

    // TaskAwaiter, ValueTaskAwaiter and the awaiters nested in what ConfigureAwait returns.
    private static bool IsAwaiter(INamedTypeSymbol type) =>
        type.Name.EndsWith("Awaiter", StringComparison.Ordinal)
        && type.ContainingNamespace.ToDisplayString() == "System.Runtime.CompilerServices";

    private static bool IsConstructorOf(ISymbol symbol, string type, out IMethodSymbol constructor)
    {
        constructor = (symbol as IMethodSymbol)!;
        return symbol is IMethodSymbol { MethodKind: MethodKind.Constructor } && IsMemberOf(symbol, type);
    }

    private static bool IsMemberOf(ISymbol symbol, params string[] types) =>
        symbol is not ITypeSymbol
        && symbol.ContainingType is { } type
        && types.Contains(type.OriginalDefinition.ToDisplayString(SymbolDisplayFormat.CSharpErrorMessageFormat));

    private static bool TakesTimeProvider(ISymbol symbol) => Takes(symbol, "System.TimeProvider");

    private static bool TakesTimeSpan(ISymbol symbol) => Takes(symbol, "System.TimeSpan");

    private static bool Takes(ISymbol symbol, string type) =>
        symbol is IMethodSymbol method && method.Parameters.Any(parameter => parameter.Type.ToDisplayString() == type);
}
