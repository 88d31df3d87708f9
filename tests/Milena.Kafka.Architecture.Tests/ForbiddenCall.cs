using Microsoft.CodeAnalysis;

namespace Milena.Kafka.Architecture.Tests;

/// <summary>One thing that code under src/ does not do.</summary>
/// <param name="Name">Short name, as it stands in a fault.</param>
/// <param name="Instead">What to do in its place.</param>
/// <param name="ForPrograms">Whether a program such as the command line is held to it too; a library always is.</param>
/// <param name="Matches">Whether a resolved symbol is such a call.</param>
/// <param name="ExcusedType">The one type that may, for a reason that stands there; null for none.</param>
internal sealed record ForbiddenCall(string Name, string Instead, bool ForPrograms, Func<ISymbol, bool> Matches, string? ExcusedType = null);
