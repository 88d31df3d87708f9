using Microsoft.CodeAnalysis;

namespace Milena.Kafka.Architecture.Tests;

/// <summary>The surface of each package against the file that was agreed on.</summary>
public class PublicApiTests
{
    /// <summary>Set to 1, the files are written instead of compared: the difference then shows in the commit.</summary>
    private const string Update = "UPDATE_PUBLIC_API";

    [TestCase("Milena.Kafka.Compression")]
    [TestCase("Milena.Kafka.Protocol")]
    [TestCase("Milena.Kafka")]
    [TestCase("Milena.Kafka.Testing")]
    public void The_public_surface_is_the_one_that_was_agreed_on(string project)
    {
        string path = Path.Combine(Repository.Source, project, "PublicAPI.txt");
        IReadOnlyList<string> actual = PublicApi.Of(project);
        if (Environment.GetEnvironmentVariable(Update) == "1")
        {
            File.WriteAllLines(path, actual);
        }

        string[] agreed = File.Exists(path) ? File.ReadAllLines(path) : [];

        List<string> difference = Difference(agreed, actual);

        Assert.That(difference, Is.Empty, $"src/{project}/PublicAPI.txt differs; run the tests with {Update}=1 if this is meant:\n{string.Join('\n', difference)}");
    }

    [Test]
    public void A_difference_names_what_was_taken_away_and_what_was_added() =>
        Assert.That(
            Difference(["public class A", "  public A()", "public class B", "  public B()"], ["public class A", "  public A(int x)", "public class B", "  public B()"]),
            Is.EqualTo(new[] { "public class A", "-   public A()", "+   public A(int x)" }));

    [Test]
    public void The_surface_is_written_with_modifiers_nullability_and_defaults()
    {
        SourceProject subject = SourceProject.FromText("Subject", ("Subject.cs", """
            namespace Subject;
            public sealed class Batch : IDisposable
            {
                internal Batch() { }
                public Batch(string? topic, int size = 5) { }
                public string? Topic { get; init; }
                public required int Size { get; set; }
                protected internal void Own<T>(in T value, params int[] rest) where T : struct { }
                public event Action? Closed { add { } remove { } }
                public const int Limit = 7;
                public void Dispose() { }
                private class Hidden;
                public enum Kind : byte { None, Some = 4 }
            }
            internal class Secret { public void Leak() { } }
            public delegate void Listener(Batch batch);
            public readonly record struct Place(string Topic, int Partition);
            public interface ISource<out T> where T : class { static abstract T Make(); T? Next { get; } }
            public static class Texts { public static string Twice(this string text) => text + text; }
            """));

        Assert.That(string.Join('\n', PublicApi.Of(subject.Compilation.Assembly)), Is.EqualTo("""
            Subject: public sealed class Batch : IDisposable
              protected internal void Own<T>(in T value, params int[] rest) where T : struct
              public Batch(string? topic, int size = 5)
              public const int Limit = 7
              public event Action? Closed
              public required int Size { get; set; }
              public string? Topic { get; init; }
              public void Dispose()
            Subject: public enum Batch.Kind : byte
              None = 0
              Some = 4
            Subject: public interface ISource<out T> where T : class
              T? Next { get; }
              static abstract T Make()
            Subject: public delegate void Listener(Batch batch)
            Subject: public readonly record struct Place : IEquatable<Place>
              public Place(string Topic, int Partition)
              public int Partition { get; init; }
              public string Topic { get; init; }
            Subject: public static class Texts
              public static string Twice(this string text)
            """));
    }

    [Test]
    public void A_message_is_one_line()
    {
        SourceProject subject = SourceProject.FromText("Subject", ("Subject.cs", """
            namespace Milena.Kafka.Protocol.Messages;
            public sealed class PingRequest { public string? Name { get; set; } public List<Part> Parts { get; set; } = []; public sealed class Part { public int Index { get; set; } } }
            """));

        Assert.That(PublicApi.Of(subject.Compilation.Assembly), Is.EqualTo(new[]
        {
            "Milena.Kafka.Protocol.Messages: public sealed class PingRequest { Name: string?; Parts: List<PingRequest.Part> }",
            "Milena.Kafka.Protocol.Messages: public sealed class PingRequest.Part { Index: int }",
        }));
    }

    /// <summary>Removed and added lines, each below the type that it belongs to.</summary>
    private static List<string> Difference(IReadOnlyList<string> agreed, IReadOnlyList<string> actual)
    {
        Dictionary<string, HashSet<string>> before = ByType(agreed);
        Dictionary<string, HashSet<string>> after = ByType(actual);
        List<string> lines = [];
        foreach (string type in before.Keys.Union(after.Keys).Order(StringComparer.Ordinal))
        {
            bool was = before.TryGetValue(type, out HashSet<string>? old);
            bool remains = after.TryGetValue(type, out HashSet<string>? now);
            IEnumerable<string> changes =
            [
                .. (old ?? []).Where(line => now is null || !now.Contains(line)).Select(line => $"- {line}"),
                .. (now ?? []).Where(line => old is null || !old.Contains(line)).Select(line => $"+ {line}"),
            ];
            if (was != remains || changes.Any())
            {
                lines.Add(was == remains ? type : $"{(was ? "-" : "+")} {type}");
                lines.AddRange(changes);
            }
        }

        return lines;
    }

    private static Dictionary<string, HashSet<string>> ByType(IReadOnlyList<string> lines)
    {
        Dictionary<string, HashSet<string>> types = new(StringComparer.Ordinal);
        HashSet<string> members = [];
        foreach (string line in lines)
        {
            if (line.StartsWith(' '))
            {
                members.Add(line);
            }
            else
            {
                types[line] = members = [];
            }
        }

        return types;
    }
}
