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
        if (tokens is not [_, "required" or "requisite" or "sufficient" or "optional", .., ";"])
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

    private static string Quoted(string text, ref int i)
    {
        char quote = text[i++];
        var value = new StringBuilder();
        while (i < text.Length && text[i] != quote)
        {
            if (text[i] == '\\' && i + 1 < text.Length)
            {
                i++;
            }

            value.Append(text[i++]);
        }

        return i++ < text.Length ? value.ToString() : throw new FormatException("a quotation mark is not closed");
    }
}
