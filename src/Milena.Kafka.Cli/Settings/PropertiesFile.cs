using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Milena.Kafka.Cli.Settings;

/// <summary>Reads Java's <c>.properties</c> format: comments, continued lines, escapes, and '=', ':' or blanks between name and value.</summary>
internal static class PropertiesFile
{
    /// <summary>The properties of a file's bytes.</summary>
    /// <remarks>
    /// Java takes a byte for a character (ISO 8859-1), while editors of today write UTF-8. Bytes that are UTF-8 are taken for that, as text in ISO 8859-1 hardly
    /// ever is by chance; others are read as Java reads them. A byte order mark is believed.
    /// </remarks>
    /// <inheritdoc cref="Parse(TextReader)"/>
    public static Dictionary<string, string> Parse(byte[] file)
    {
        using var text = new StreamReader(new MemoryStream(file), Utf8.IsValid(file) ? Encoding.UTF8 : Encoding.Latin1, detectEncodingFromByteOrderMarks: true);
        return Parse(text);
    }

    /// <summary>The properties of a text; the last of those with the same name counts.</summary>
    /// <exception cref="FormatException">An escape <c>\u</c> is not followed by four hexadecimal digits; the message tells the line.</exception>
    public static Dictionary<string, string> Parse(TextReader text)
    {
        var properties = new Dictionary<string, string>(StringComparer.Ordinal);
        int number = 0;
        while (text.ReadLine() is { } line)
        {
            int first = ++number;
            var logical = new StringBuilder(line.TrimStart(' ', '\t', '\f'));
            if (logical.Length == 0 || logical[0] is '#' or '!')
            {
                continue;
            }

            while (IsContinued(logical))
            {
                logical.Length--;
                number++;
                logical.Append(text.ReadLine()?.TrimStart(' ', '\t', '\f'));
            }

            (string name, string value) = Split(logical.ToString(), first);
            properties[name] = value;
        }

        return properties;
    }

    /// <summary>Whether the last character is a backslash that no other one escapes.</summary>
    private static bool IsContinued(StringBuilder line)
    {
        int backslashes = 0;
        while (backslashes < line.Length && line[line.Length - 1 - backslashes] == '\\')
        {
            backslashes++;
        }

        return backslashes % 2 == 1;
    }

    private static (string Name, string Value) Split(string line, int number)
    {
        int end = 0;
        while (end < line.Length && line[end] is not ('=' or ':' or ' ' or '\t' or '\f'))
        {
            end += line[end] == '\\' ? 2 : 1;
        }

        end = Math.Min(end, line.Length);
        int start = SkipBlanks(line, end);
        if (start < line.Length && line[start] is '=' or ':')
        {
            start = SkipBlanks(line, start + 1);
        }

        return (Unescape(line[..end], number), Unescape(line[start..], number));
    }

    private static int SkipBlanks(string line, int index)
    {
        while (index < line.Length && line[index] is ' ' or '\t' or '\f')
        {
            index++;
        }

        return index;
    }

    private static string Unescape(string text, int number)
    {
        if (!text.Contains('\\', StringComparison.Ordinal))
        {
            return text;
        }

        var plain = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\' || ++i == text.Length)
            {
                plain.Append(i < text.Length ? text[i] : "");
                continue;
            }

            plain.Append(text[i] switch
            {
                't' => '\t',
                'n' => '\n',
                'r' => '\r',
                'f' => '\f',
                'u' => Unicode(text.AsSpan(i + 1), number),
                char other => other,
            });
            i += text[i] == 'u' ? 4 : 0;
        }

        return plain.ToString();
    }

    private static char Unicode(ReadOnlySpan<char> digits, int number) =>
        digits.Length >= 4 && ushort.TryParse(digits[..4], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort code)
            ? (char)code
            : throw new FormatException($"line {number}: \\u needs four hexadecimal digits.");
}
