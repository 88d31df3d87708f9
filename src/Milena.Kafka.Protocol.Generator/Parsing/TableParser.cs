namespace Milena.Kafka.Protocol.Generator.Parsing;

/// <summary>Reads a tab-separated table whose first line names the columns.</summary>
internal static class TableParser
{
    public static List<string[]> Parse(string text, int columns)
    {
        var rows = new List<string[]>();
        string[] lines = text.Replace("\r", "").Split('\n');
        for (int i = 1; i < lines.Length; i++)
        {
            if (lines[i].Length == 0)
            {
                continue;
            }

            string[] row = lines[i].Split('\t');
            if (row.Length != columns)
            {
                throw new DefinitionException(i + 1, $"the row has {row.Length} columns instead of {columns}");
            }

            rows.Add(row);
        }

        return rows;
    }
}
