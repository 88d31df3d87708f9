namespace Milena.Kafka.Protocol.Generator.Emit;

/// <summary>Writes the numbers that fields may hold, out of <c>enums.tsv</c>. Values that are words stay strings.</summary>
internal static class EnumEmitter
{
    public static string Emit(IReadOnlyList<string[]> rows)
    {
        CodeWriter code = CodeWriter.ForFile("Milena.Kafka.Protocol");
        foreach (IGrouping<string, string[]> group in rows.Where(r => r[3] != "-").GroupBy(r => r[0]))
        {
            string[] first = group.First();
            code.Doc("summary", $"{first[0]}: what {first[2]} may hold.");
            code.Open($"public enum {first[0]} : {Underlying(first[1])}");
            foreach (string[] row in group)
            {
                code.Doc("summary", row[5] == "-" ? $"{row[4]}." : $"{row[4]}: {row[5]}.");
                code.Line($"{CSharpName.FromUpperCase(row[4])} = {row[3]},");
                code.Line();
            }

            code.Close();
            code.Line();
        }

        return code.ToString();
    }

    private static string Underlying(string wire) => wire switch
    {
        _ when wire.StartsWith("int64", StringComparison.Ordinal) => "long",
        _ when wire.StartsWith("int32", StringComparison.Ordinal) => "int",
        _ when wire.StartsWith("int16", StringComparison.Ordinal) => "short",
        _ when wire.StartsWith("finalized", StringComparison.Ordinal) => "short",
        _ => "sbyte",
    };
}
