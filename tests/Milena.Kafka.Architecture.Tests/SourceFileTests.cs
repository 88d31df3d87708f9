namespace Milena.Kafka.Architecture.Tests;

/// <summary>What every file under src/ keeps to, and that the guard sees what does not.</summary>
public class SourceFileTests
{
    private static IEnumerable<string> Projects() => Repository.Projects().Select(path => Path.GetFileNameWithoutExtension(path));

    [TestCaseSource(nameof(Projects))]
    public void A_file_holds_one_type_is_named_after_it_and_can_be_read_in_one_sitting(string project) =>
        Guard.AssertNone(SourceProject.Load(project).HandWritten.SelectMany(SourceFileRules.Faults));

    [TestCase("Batch.cs", "namespace Milena.Kafka; class Batch; class Record;", "more than one type: Batch, Record")]
    [TestCase("Batch.cs", "namespace Milena.Kafka; delegate void Batch(); enum Codec;", "more than one type: Batch, Codec")]
    [TestCase("BatchOfT.cs", "namespace Milena.Kafka; class Batch;", "holds Batch and is not named after it")]
    [TestCase("Batch.cs", "namespace Milena.Kafka; record Record;", "holds Record and is not named after it")]
    [TestCase("Batch.cs", "namespace Milena.Kafka; class Batch\n{\n#region All\n#endregion\n}", "Batch.cs:3: #region")]
    public void A_file_that_breaks_a_rule_is_found(string path, string text, string fault) =>
        Assert.That(Check(path, text), Has.Count.EqualTo(1).And.All.Contains(fault));

    [Test]
    public void A_file_that_is_too_long_is_found() =>
        Assert.That(Check("Batch.cs", "class Batch { }" + new string('\n', 600)), Has.Count.EqualTo(1).And.All.Contains("601 lines"));

    [TestCase("Batch.cs", "namespace Milena.Kafka; class Batch { class Part; }")]
    [TestCase("Batch.cs", "namespace Milena.Kafka { interface Batch; interface Batch<T>; }")]
    [TestCase("Batch.Reading.cs", "namespace Milena.Kafka; partial class Batch;")]
    [TestCase("Batch{T}.cs", "namespace Milena.Kafka; class Batch<T>;")]
    [TestCase("BatchOfT.cs", "namespace Milena.Kafka; class Batch<T>;")]
    [TestCase("Usings.cs", "global using System;")]
    public void A_file_that_keeps_the_rules_is_left_alone(string path, string text) => Assert.That(Check(path, text), Is.Empty);

    private static IReadOnlyList<string> Check(string path, string text) =>
        [.. SourceProject.FromText("Milena.Kafka", (path, text)).HandWritten.SelectMany(SourceFileRules.Faults)];
}
