using System.Collections;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Milena.Kafka.Cli.Output;

/// <summary>What a verb found, row by row: columns for people, fields between tabs for a pipe, or one JSON object a line.</summary>
/// <param name="columns">The names of the columns, as JSON has them; people see them in capitals.</param>
internal sealed class Table(params string[] columns)
{
    private readonly List<object?[]> _rows = [];

    /// <summary>How the standard output wants it.</summary>
    public static TableStyle StyleFor(bool isJson) => isJson ? TableStyle.Json : Console.IsOutputRedirected ? TableStyle.Tabs : TableStyle.Columns;

    public void Add(params object?[] cells) => _rows.Add(cells.Length == columns.Length
        ? cells
        : throw new ArgumentException($"{cells.Length} cells do not fill {columns.Length} columns."));

    public void Write(TextWriter output, TableStyle style)
    {
        switch (style)
        {
            case TableStyle.Json:
                WriteJson(output);
                break;
            case TableStyle.Tabs:
                foreach (object?[] row in _rows)
                {
                    output.WriteLine(string.Join('\t', row.Select(Text)));
                }

                break;
            default:
                WriteColumns(output);
                break;
        }
    }

    private static string Text(object? cell) => cell switch
    {
        null => "-",
        string text => text.Length == 0 ? "-" : text,
        bool flag => flag ? "true" : "false",
        DateTimeOffset time => time.ToString("yyyy-MM-dd'T'HH:mm:ss.fffK", CultureInfo.InvariantCulture),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        IEnumerable list => Joined(list),
        _ => cell.ToString() ?? "-",
    };

    private static string Joined(IEnumerable list) => string.Join(',', list.Cast<object?>().Select(Text)) is { Length: > 0 } text ? text : "-";

    private static bool IsNumber(object? cell) => cell is null or int or long or short or double or float;

    private void WriteColumns(TextWriter output)
    {
        string[] heads = [.. columns.Select(Head)];
        string[][] cells = [.. _rows.Select(row => row.Select(Text).ToArray())];
        int[] widths = [.. heads.Select((head, i) => cells.Select(row => row[i].Length).Append(head.Length).Max())];
        bool[] isRight = [.. heads.Select((_, i) => _rows.Count > 0 && _rows.TrueForAll(row => IsNumber(row[i])) && _rows.Exists(row => row[i] is not null))];
        foreach (string[] row in cells.Prepend(heads))
        {
            IEnumerable<string> padded = row.Select((cell, i) => isRight[i] ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i]));
            output.WriteLine(string.Join("  ", padded).TrimEnd());
        }
    }

    /// <summary>"logStartOffset" as people read it: "LOG START OFFSET".</summary>
    private static string Head(string column)
    {
        var head = new StringBuilder();
        foreach (char letter in column)
        {
            head.Append(char.IsUpper(letter) ? " " : "").Append(char.ToUpperInvariant(letter));
        }

        return head.ToString();
    }

    private void WriteJson(TextWriter output)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        foreach (object?[] row in _rows)
        {
            json.WriteStartObject();
            for (int i = 0; i < columns.Length; i++)
            {
                json.WritePropertyName(columns[i]);
                WriteValue(json, row[i]);
            }

            json.WriteEndObject();
            json.Flush();
            output.WriteLine(Encoding.UTF8.GetString(buffer.WrittenSpan));
            buffer.ResetWrittenCount();
            json.Reset();
        }
    }

    private static void WriteValue(Utf8JsonWriter json, object? cell)
    {
        switch (cell)
        {
            case null:
                json.WriteNullValue();
                break;
            case string text:
                json.WriteStringValue(text);
                break;
            case bool flag:
                json.WriteBooleanValue(flag);
                break;
            case int or long or short or byte:
                json.WriteNumberValue(Convert.ToInt64(cell, CultureInfo.InvariantCulture));
                break;
            case double or float:
                json.WriteNumberValue(Convert.ToDouble(cell, CultureInfo.InvariantCulture));
                break;
            case IEnumerable list:
                json.WriteStartArray();
                foreach (object? item in list)
                {
                    WriteValue(json, item);
                }

                json.WriteEndArray();
                break;
            default:
                json.WriteStringValue(Text(cell));
                break;
        }
    }
}
