using System.Reflection;
using System.Xml.Linq;

namespace Milena.Kafka.Architecture.Tests;

/// <summary>Which project may reference what: the table of the design.</summary>
public class ProjectReferenceTests
{
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Milena.Kafka.Compression"] = [],
        ["Milena.Kafka.Protocol.Generator"] = ["Microsoft.CodeAnalysis.CSharp"],
        ["Milena.Kafka.Protocol"] = ["Milena.Kafka.Compression", "Milena.Kafka.Protocol.Generator"],
        ["Milena.Kafka"] = ["Milena.Kafka.Protocol", "Microsoft.Extensions.Logging.Abstractions"],
        // The embedded cluster tests the client from the far side of a socket and shares nothing with it but the protocol.
        ["Milena.Kafka.Testing"] = ["Milena.Kafka.Protocol"],
        ["Milena.Kafka.Cli"] = ["Milena.Kafka", "Milena.Kafka.Testing", "System.CommandLine"],
    };

    private static IEnumerable<string> Projects() => Repository.Projects();

    [TestCaseSource(nameof(Projects))]
    public void A_project_references_only_what_the_design_allows(string path)
    {
        string name = Path.GetFileNameWithoutExtension(path);

        Assert.That(Allowed, Does.ContainKey(name), "A new project needs its row in the table.");
        Assert.That(ReferencesOf(XDocument.Load(path)), Is.SubsetOf(Allowed[name]));
    }

    [Test]
    public void The_generator_is_not_shipped_with_the_protocol()
    {
        XDocument protocol = XDocument.Load(Path.Combine(Repository.Source, "Milena.Kafka.Protocol", "Milena.Kafka.Protocol.csproj"));
        XElement generator = protocol.Descendants("ProjectReference")
            .Single(reference => reference.Attribute("Include")!.Value.Contains("Generator", StringComparison.Ordinal));

        Assert.That(generator.Attribute("ReferenceOutputAssembly")?.Value, Is.EqualTo("false"));
    }

    [TestCase("Milena.Kafka.Testing")]
    [TestCase("Milena.Kafka.Protocol")]
    [TestCase("Milena.Kafka.Compression")]
    [TestCase("Milena.Kafka")]
    public void A_built_assembly_knows_only_what_its_project_references(string name)
    {
        IEnumerable<string> own = Assembly.Load(name).GetReferencedAssemblies()
            .Select(reference => reference.Name!)
            .Where(reference => reference.StartsWith("Milena", StringComparison.Ordinal));

        // What a reference brings along in turn is known as well: the client may see the codecs behind the protocol.
        Assert.That(own, Is.SubsetOf(Reachable(name)));
    }

    [Test]
    public void References_are_read_from_a_project_file()
    {
        XDocument project = XDocument.Parse("""
            <Project>
              <ItemGroup>
                <ProjectReference Include="../Milena.Kafka/Milena.Kafka.csproj" />
                <ProjectReference Include="..\Milena.Kafka.Testing\Milena.Kafka.Testing.csproj" />
                <PackageReference Include="Some.Package" />
              </ItemGroup>
            </Project>
            """);

        Assert.That(ReferencesOf(project), Is.EqualTo(new[] { "Milena.Kafka", "Milena.Kafka.Testing", "Some.Package" }));
    }

    private static IEnumerable<string> ReferencesOf(XDocument project) =>
        project.Descendants()
            .Where(element => element.Name.LocalName is "ProjectReference" or "PackageReference")
            .Select(element => element.Attribute("Include")!.Value.Replace('\\', '/'))
            .Select(include => include.EndsWith(".csproj", StringComparison.Ordinal) ? Path.GetFileNameWithoutExtension(include) : include);

    private static HashSet<string> Reachable(string name)
    {
        HashSet<string> reachable = new(StringComparer.Ordinal);
        Queue<string> open = new([name]);
        while (open.TryDequeue(out string? next))
        {
            foreach (string reference in Allowed.GetValueOrDefault(next, []))
            {
                if (reachable.Add(reference))
                {
                    open.Enqueue(reference);
                }
            }
        }

        return reachable;
    }
}
