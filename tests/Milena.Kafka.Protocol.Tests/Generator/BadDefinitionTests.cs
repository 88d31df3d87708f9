using Microsoft.CodeAnalysis;

namespace Milena.Kafka.Protocol.Tests.Generator;

/// <summary>A definition that breaks the rules is an error of the build with file and line, and no broken code.</summary>
public sealed class BadDefinitionTests
{
    private const string Head = "# What it is for.\napi Sample 13  versions 0-5  flexible 4+  listeners broker\n\nresponse\n  ErrorCode int16 0+\n\nrequest\n";

    [TestCase("  GroupId text 0+", "'text' is no type")]
    [TestCase("  GroupId []text 0+", "'[]text' is no type")]
    [TestCase("  GroupId [] 0+", "'[]' is no type")]
    [TestCase("  GroupId string", "the line ends too early")]
    [TestCase("  GroupId", "the line ends too early")]
    [TestCase("  groupId string 0+", "'groupId' is no name")]
    [TestCase("  Group-Id string 0+", "'Group-Id' is no name")]
    [TestCase("  GroupId string 3-1", "'3-1' is no version range")]
    [TestCase("  GroupId string x+", "'x+' is no version range")]
    [TestCase("  GroupId string +", "'+' is no version range")]
    [TestCase("  GroupId string 0-99999", "'0-99999' is no version range")]
    [TestCase("  GroupId string 0+ optional", "'optional' is not known behind a field")]
    [TestCase("  GroupId string 0+ =", "the line ends too early")]
    [TestCase("  GroupId string 0+ = null", "the field is not nullable in all its versions")]
    [TestCase("  GroupId string 0+ nullable 2+ = null", "the field is not nullable in all its versions")]
    [TestCase("  GroupId int32 0+ = many", "'many' is no default of type int32")]
    [TestCase("  GroupId int8 0+ = 200", "'200' is no default of type int8")]
    [TestCase("  GroupId uint16 0+ = -1", "'-1' is no default of type uint16")]
    [TestCase("  GroupId bool 0+ = 1", "'1' is no default of type bool")]
    [TestCase("  GroupId []int32 0+ = 1", "'1' is no default of type []int32")]
    [TestCase("  GroupId string 0+ = \"\"", "is no default of type string")]
    [TestCase("  GroupId int32 0+ nullable", "a field of type int32 cannot be null")]
    [TestCase("  GroupId string 0+ tag 0", "all of them flexible")]
    [TestCase("  GroupId string 4+ tag -1", "'-1' is no number")]
    [TestCase("  GroupId string 4+ tag x", "'x' is no number")]
    [TestCase("  Topics []Topic 0+", "struct Topic has no members and is not declared")]
    [TestCase("  GroupId string 0+\n    Member string 0+", "indented deeper")]
    [TestCase("  GroupId string 0+\n   Member string 0+", "two spaces per level")]
    [TestCase("  GroupId string 0+\n  GroupId string 0+", "field GroupId is there twice")]
    [TestCase("  A string 4+ tag 1\n  B string 4+ tag 1", "tag 1 is there twice")]
    [TestCase("  Topics []Topic 2+\n    Name string 0+", "the versions 0+ are not within 2-5, those of its struct")]
    [TestCase("  Topics []Topic 2+\n    Name string 2+\n  Others []Topic 0+", "the versions 0+ are not within 2-5, those of struct Topic")]
    [TestCase("  Topics []Topic 0+\n    Name string 0+\n    Nested []Topic 0+", "struct Topic is recursive")]
    [TestCase("  struct Node 0+\n    Next Node 4+ nullable\n  First Node 0+", "struct Node is recursive", 1)]
    [TestCase("  struct Node 0+\n    Name string 0+\n  struct Node 0+", "struct Node is declared twice")]
    [TestCase("  struct node 0+", "'node' is no name")]
    [TestCase("  struct Node", "a struct is declared as")]
    [TestCase("request", "section request is there twice")]
    [TestCase("fields", "'fields' is no section of api Sample")]
    public void The_line_that_is_wrong_is_named(string lines, string says, int linesAfter = 0)
    {
        string text = Head + lines + "\n";
        AssertFault(text, text.Count(c => c == '\n') - linesAfter, says);
    }

    [TestCase("", 1, "the file has no first line")]
    [TestCase("# only a comment\n", 2, "the file has no first line")]
    [TestCase("  GroupId string 0+\n", 1, "within a section")]
    [TestCase("message Sample versions 0-1\n", 1, "the first line names an api, a header or data")]
    [TestCase("api Sample versions 0-1\n", 1, "'versions' is no number")]
    [TestCase("api Sample 1\n", 1, "'versions' is missing")]
    [TestCase("api Sample 1 versions\n", 1, "the line ends too early")]
    [TestCase("api Sample 1 versions 0-1 since 3.0\n", 1, "'since' is not known on the first line")]
    [TestCase("# x\n\ndata Sample versions 0-1 flexible maybe\n", 3, "'maybe' is no version range")]
    [TestCase("data Sample versions 0-1\n\nrequest\n", 3, "'request' is no section of data Sample")]
    [TestCase("data Sample versions 0-1\n", 1, "section fields is missing")]
    [TestCase("api Sample 1 versions 0-1\nrequest\n  A int8 0+\n", 1, "section response is missing")]
    public void A_file_that_is_wrong_is_named(string text, int line, string says)
    {
        AssertFault(text, line, says);
    }

    [Test]
    public void Other_files_are_generated_all_the_same()
    {
        GeneratorDriver driver = DefinitionFile.Driver(
            new DefinitionFile("Bad.api", "api Bad 1 versions 0-1\nrequest\n  A int9 0+\n"),
            new DefinitionFile("Good.api", "api Good 2 versions 0-1\nrequest\n  A int8 0+\nresponse\n  B int8 0+\n"));
        GeneratorRunResult result = driver.RunGenerators(DefinitionFile.Compilation()).GetRunResult().Results.Single();
        Assert.That(result.Diagnostics, Has.Length.EqualTo(1));
        Assert.That(result.GeneratedSources.Select(s => s.HintName), Is.EquivalentTo(new[] { "GoodRequest.g.cs", "GoodResponse.g.cs", "ApiKey.g.cs", "Apis.g.cs" }));
    }

    [TestCase("errors.tsv", "code\tname\n5\tFIVE\n", 2)]
    [TestCase("enums.tsv", "enum\twire\twhere\tcode\tname\tnote\nA\tint8\tx\t1\tONE\t-\nA\tint8\tx\t2\n", 3)]
    public void A_table_row_that_is_short_is_named(string table, string text, int line)
    {
        GeneratorRunResult result = DefinitionFile.Driver(new DefinitionFile("Definitions/" + table, text))
            .RunGenerators(DefinitionFile.Compilation()).GetRunResult().Results.Single();
        AssertDiagnostic(result, "Definitions/" + table, line, "columns");
    }

    private static void AssertFault(string text, int line, string says)
    {
        GeneratorRunResult result = DefinitionFile.Driver(new DefinitionFile("Definitions/Sample.api", text))
            .RunGenerators(DefinitionFile.Compilation()).GetRunResult().Results.Single();
        AssertDiagnostic(result, "Definitions/Sample.api", line, says);
        Assert.That(result.GeneratedSources.Select(s => s.HintName), Is.SubsetOf(new[] { "ApiKey.g.cs", "Apis.g.cs" }));
    }

    private static void AssertDiagnostic(GeneratorRunResult result, string path, int line, string says)
    {
        Assert.That(result.Exception, Is.Null);
        Assert.That(result.Diagnostics, Has.Length.EqualTo(1));
        Diagnostic diagnostic = result.Diagnostics[0];
        FileLinePositionSpan at = diagnostic.Location.GetLineSpan();
        Assert.Multiple(() =>
        {
            Assert.That(diagnostic.Id, Is.EqualTo("MILENA001"));
            Assert.That(diagnostic.Severity, Is.EqualTo(DiagnosticSeverity.Error));
            Assert.That(diagnostic.GetMessage(null), Does.Contain(says));
            Assert.That(at.Path, Is.EqualTo(path));
            Assert.That(at.StartLinePosition.Line + 1, Is.EqualTo(line), "line");
        });
    }
}
