using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;
using Milena.Kafka.Protocol.Tests.Messages;

namespace Milena.Kafka.Protocol.Tests.Generator;

/// <summary>What the generator writes for a few definitions, as files to read. UPDATE_GOLDEN=1 writes them anew.</summary>
public sealed class GoldenOutputTests
{
    private static readonly string[] Definitions = ["LeaveGroup", "RequestHeader", "ConsumerGroupHeartbeat", "ApiVersions", "ConsumerProtocolSubscription"];

    [TestCaseSource(nameof(Definitions))]
    public void Generated_code_is_the_golden_file(string name)
    {
        GeneratedSourceResult[] sources = [.. Generate(name + ".api").Where(s => s.HintName is not ("ApiKey.g.cs" or "Apis.g.cs"))];
        Assert.That(sources, Is.Not.Empty);
        foreach (GeneratedSourceResult source in sources)
        {
            AssertGolden(source);
        }
    }

    [TestCase("ApiKey.g.cs")]
    [TestCase("Apis.g.cs")]
    public void The_table_of_two_apis_is_the_golden_file(string hintName)
    {
        AssertGolden(Generate("ApiVersions.api", "SaslHandshake.api").Single(s => s.HintName == hintName));
    }

    [TestCase("enums.tsv", "Enums.g.cs")]
    public void A_table_of_numbers_is_the_golden_file(string table, string hintName)
    {
        AssertGolden(Generate(table).Single(s => s.HintName == hintName));
    }

    [Test]
    public void No_generated_file_has_a_stray_blank_line()
    {
        foreach (GeneratedSourceResult source in Generate([.. Directory.GetFiles(Catalog.Folder).Select(f => Path.GetFileName(f))]))
        {
            string text = source.SourceText.ToString();
            Assert.That(text, Does.Not.Contain("\n\n\n").And.Not.Contain("{\n\n").And.Not.Match("\n\n *}").And.Not.Match(" \n").And.Not.Contain("\r"), source.HintName);
        }
    }

    private static ImmutableArray<GeneratedSourceResult> Generate(params string[] files)
    {
        GeneratorDriver driver = DefinitionFile.Driver(files.Select(f => new DefinitionFile(f, File.ReadAllText(Path.Combine(Catalog.Folder, f)))));
        GeneratorRunResult result = driver.RunGenerators(DefinitionFile.Compilation()).GetRunResult().Results.Single();
        Assert.That(result.Exception, Is.Null);
        Assert.That(result.Diagnostics, Is.Empty);
        return result.GeneratedSources;
    }

    private static void AssertGolden(GeneratedSourceResult source, [CallerFilePath] string thisFile = "")
    {
        string actual = source.SourceText.ToString();
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(Path.Combine(Path.GetDirectoryName(thisFile)!, "Golden", source.HintName), actual);
            return;
        }

        string golden = Path.Combine(AppContext.BaseDirectory, "Generator", "Golden", source.HintName);
        Assert.That(File.Exists(golden), $"{golden} is missing; UPDATE_GOLDEN=1 writes it");
        Assert.That(actual, Is.EqualTo(File.ReadAllText(golden)), $"{source.HintName}; UPDATE_GOLDEN=1 takes the new text");
    }
}
