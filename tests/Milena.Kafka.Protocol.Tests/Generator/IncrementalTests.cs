using Microsoft.CodeAnalysis;
using Milena.Kafka.Protocol.Tests.Messages;

namespace Milena.Kafka.Protocol.Tests.Generator;

/// <summary>What is not touched is not generated again.</summary>
public sealed class IncrementalTests
{
    private static readonly DefinitionFile[] Files =
        [.. Directory.GetFiles(Catalog.Folder).Order(StringComparer.Ordinal).Select(f => new DefinitionFile(f, File.ReadAllText(f)))];

    [Test]
    public void A_change_of_other_code_generates_nothing_again()
    {
        GeneratorDriver driver = DefinitionFile.Driver(Files).RunGenerators(DefinitionFile.Compilation("class First;"));
        driver = driver.RunGenerators(DefinitionFile.Compilation("class First;", "class Second;"));
        Assert.That(Reasons(driver), Is.Not.Empty.And.All.EqualTo(IncrementalStepRunReason.Cached));
    }

    [Test]
    public void A_changed_definition_generates_its_own_messages_and_the_table_again()
    {
        GeneratorDriver driver = DefinitionFile.Driver(Files).RunGenerators(DefinitionFile.Compilation());
        DefinitionFile old = Files.Single(f => Path.GetFileName(f.Path) == "LeaveGroup.api");
        var changed = new DefinitionFile(old.Path, old.GetText() + "  Added int32 5+\n");
        driver = driver.ReplaceAdditionalText(old, changed).RunGenerators(DefinitionFile.Compilation());

        IncrementalStepRunReason[] again = [.. Reasons(driver).Where(reason => reason != IncrementalStepRunReason.Cached)];
        Assert.That(again, Is.EqualTo(new[] { IncrementalStepRunReason.Modified, IncrementalStepRunReason.Modified }), "the file itself, and keys and table of all APIs");
        string text = driver.GetRunResult().Results.Single().GeneratedSources.Single(s => s.HintName == "LeaveGroupResponse.g.cs").SourceText.ToString();
        Assert.That(text, Does.Contain("public int Added { get; set; }"));
    }

    private static IEnumerable<IncrementalStepRunReason> Reasons(GeneratorDriver driver) =>
        driver.GetRunResult().Results.Single().TrackedOutputSteps.Values
            .SelectMany(steps => steps).SelectMany(step => step.Outputs).Select(output => output.Reason);
}
