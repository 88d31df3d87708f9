using System.Text;

namespace Milena.Kafka.Security.Internal;

/// <summary>The one entry of a <c>sasl.jaas.config</c> string: a login module's class and its options.</summary>
internal sealed class JaasEntry
{
    private JaasEntry(string module, Dictionary<string, string> options)
    {
        Module = module;
        Options = options;
    }

    /// <summary>The class name without its package.</summary>
    public string Module { get; }

    public IReadOnlyDictionary<string, string> Options { get; }

    /// <summary>Reads <c>package.Module required name="value" ...;</c>.</summary>
    /// <exception cref="FormatException">It is not of that form. The message repeats nothing of it, since a password may be what is malformed.</exception>
    public static JaasEntry Parse(string text)
    {
        List<string> tokens = Tokens(text);
        if (tokens is not [_, var flag, .., ";"] || flag.ToUpperInvariant() is not ("REQUIRED" or "REQUISITE" or "SUFFICIENT" or "OPTIONAL"))
        {
            throw new FormatException("it is not of the form 'Module required name=\"value\" ... ;'");
        }

        if (tokens.IndexOf(";") != tokens.Count - 1)
        {
            throw new FormatException("it has more than one entry");
        }

        if (tokens.Count % 3 != 0)
        {
            throw new FormatException("an option is not of the form name=\"value\"");
        }

        var options = new Dictionary<string, string>(StringComparer.Ordinal);
        for (int i = 2; i < tokens.Count - 1; i += 3)
        {
            if (tokens[i + 1] != "=" || !options.TryAdd(tokens[i], tokens[i + 2].TrimStart('\0')))
            {
                throw new FormatException("an option is not of the form name=\"value\", or comes twice");
            }
        }

        string module = tokens[0];
        return new JaasEntry(module[(module.LastIndexOf('.') + 1)..], options);
    }

    /// <summary>An option, or null.</summary>
    public string? Option(string name) => Options.GetValueOrDefault(name);

    // Quoted strings are marked by a leading zero, so that ";" in quotes is no end.
    private static List<string> Tokens(string text)
    {
        var tokens = new List<string>();
        int i = 0;
        while (i < text.Length)
        {
            char c = text[i];
            if (char.IsWhiteSpace(c))
            {
                i++;
            }
            else if (c == '/' && i + 1 < text.Length && text[i + 1] is '/' or '*')
            {
                i = AfterComment(text, i);
            }
            else if (c is '=' or ';')
            {
                tokens.Add(c.ToString());
                i++;
            }
            else if (c is '"' or '\'')
            {
                tokens.Add('\0' + Quoted(text, ref i));
            }
            else
            {
                int start = i;
                while (i < text.Length && !char.IsWhiteSpace(text[i]) && text[i] is not ('=' or ';' or '"' or '\''))
                {
                    i++;
                }

                tokens.Add(text[start..i]);
            }
        }

        return tokens;
    }

    private static int AfterComment(string text, int start)
    {
        string end = text[start + 1] == '/' ? "\n" : "*/";
        int at = text.IndexOf(end, start + 2, StringComparison.Ordinal);
        return at < 0 ? text.Length : at + end.Length;
    }

    // As Java's StreamTokenizer: letters of C, up to three octal digits, everything else is itself.
    private static char Escaped(string text, ref int i)
    {
        char c = text[i++];
        if (c is < '0' or > '7')
        {
            return c switch
            {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                'b' => '\b',
                'f' => '\f',
                'a' => '\a',
                'v' => '\v',
                _ => c,
            };
        }

        int code = c - '0';
        int most = c <= '3' ? 2 : 1;
        for (int digits = 0; digits < most && i < text.Length && text[i] is >= '0' and <= '7'; digits++)
        {
            code = (code * 8) + (text[i++] - '0');
        }

        return (char)code;
    }

    private static string Quoted(string text, ref int i)
    {
        char quote = text[i++];
        var value = new StringBuilder();
        while (i < text.Length && text[i] != quote)
        {
            value.Append(text[i++] is var c && c == '\\' && i < text.Length ? Escaped(text, ref i) : c);
        }

        return i++ < text.Length ? value.ToString() : throw new FormatException("a quotation mark is not closed");
    }
}
