using Milena.Kafka.Cli.Output;

namespace Milena.Kafka.Cli.Tests;

public class OutputTests
{
    [Test]
    public void A_table_has_columns_for_people()
    {
        Assert.That(Lines(TableStyle.Columns), Is.EqualTo(new[]
        {
            "TOPIC   LOG START  REPLICAS  INTERNAL",
            "a               5  1,2       false",
            "longer          -  -         true",
        }));
    }

    [Test]
    public void A_table_has_tabs_for_a_pipe() =>
        Assert.That(Lines(TableStyle.Tabs), Is.EqualTo(new[] { "a\t5\t1,2\tfalse", "longer\t-\t-\ttrue" }));

    [Test]
    public void A_table_has_an_object_a_row_for_programs() => Assert.That(Lines(TableStyle.Json), Is.EqualTo(new[]
    {
        """{"topic":"a","logStart":5,"replicas":[1,2],"internal":false}""",
        """{"topic":"longer","logStart":null,"replicas":[],"internal":true}""",
    }));

    [Test]
    public void A_row_that_does_not_fit_is_refused() => Assert.That(() => new Table("a", "b").Add(1), Throws.ArgumentException);

    private static string[] Lines(TableStyle style)
    {
        var table = new Table("topic", "logStart", "replicas", "internal");
        table.Add("a", 5L, new[] { 1, 2 }, false);
        table.Add("longer", null, Array.Empty<int>(), true);
        var text = new StringWriter { NewLine = "\n" };
        table.Write(text, style);
        return text.ToString().TrimEnd('\n').Split('\n');
    }
}
