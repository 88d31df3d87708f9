using System.Globalization;
using Milena.Kafka.Protocol.Generator.Model;

namespace Milena.Kafka.Protocol.Generator.Parsing;

/// <summary>Reads a definition file; its grammar is told in <c>Definitions/README.md</c>.</summary>
internal sealed class DefinitionParser
{
    private static readonly string[] PrimitiveTypes =
    {
        "bool", "int8", "int16", "int32", "int64", "uint16", "uint32", "float64", "string", "bytes", "records", "uuid",
    };

    private static readonly char[] Blank = { ' ' };

    private readonly List<StructDefinition> _open = new();
    private readonly List<string> _comments = new();
    private Definition? _definition;
    private MessageDefinition? _message;

    /// <summary>The struct of the field just read, which is declared here if its members follow one level deeper.</summary>
    private StructDefinition? _undeclared;

    private int _line;

    public static Definition Parse(string text) => new DefinitionParser().ParseLines(text.Replace("\r", "").Split('\n'));

    private Definition ParseLines(string[] lines)
    {
        foreach (string raw in lines)
        {
            _line++;
            int hash = raw.IndexOf('#');
            string code = (hash < 0 ? raw : raw.Substring(0, hash)).TrimEnd();
            if (hash == 0 && _message is null)
            {
                Comment(raw.Substring(1));
            }

            if (code.Length > 0)
            {
                ParseLine(code);
            }
        }

        Definition definition = _definition ?? throw Fault("the file has no first line 'api', 'header' or 'data'");
        definition.Comments.AddRange(_comments);
        DefinitionCheck.Check(definition);
        return definition;
    }

    private void Comment(string text)
    {
        // Continuation lines are indented behind the '#'.
        if (text.StartsWith("   ", StringComparison.Ordinal) && _comments.Count > 0)
        {
            _comments[_comments.Count - 1] += " " + text.Trim();
        }
        else
        {
            _comments.Add(text.Trim());
        }
    }

    private void ParseLine(string code)
    {
        int indent = code.Length - code.TrimStart(' ').Length;
        string[] words = code.Split(Blank, StringSplitOptions.RemoveEmptyEntries);
        if (indent == 0)
        {
            ParseTop(words);
            return;
        }

        if (indent % 2 != 0 || _message is null)
        {
            throw Fault("indentation is two spaces per level, within a section");
        }

        int level = indent / 2;
        if (level > _open.Count)
        {
            throw Fault("the line is indented deeper than the struct it could belong to");
        }

        _open.RemoveRange(level, _open.Count - level);
        if (words[0] == "struct")
        {
            OpenStruct(words);
        }
        else
        {
            AddField(_open[level - 1], words);
        }
    }

    private void ParseTop(string[] words)
    {
        if (_definition is null)
        {
            _definition = ParseHead(words);
            return;
        }

        bool fits = words.Length == 1 && (_definition.IsApi ? words[0] is "request" or "response" : words[0] == "fields");
        if (!fits)
        {
            throw Fault($"'{words[0]}' is no section of {_definition.Kind} {_definition.Name}");
        }

        if (_definition.Messages.Exists(m => m.Section == words[0]))
        {
            throw Fault($"section {words[0]} is there twice");
        }

        _message = new MessageDefinition(words[0], _definition.Versions, _line);
        _definition.Messages.Add(_message);
        _open.Clear();
        _open.Add(_message.Body);
    }

    private Definition ParseHead(string[] words)
    {
        if (words.Length < 2 || words[0] is not ("api" or "header" or "data"))
        {
            throw Fault("the first line names an api, a header or data");
        }

        var definition = new Definition(words[0], words[1]);
        int next = 2;
        if (definition.IsApi)
        {
            definition.Key = Number(Word(words, next++));
        }

        for (; next < words.Length; next += 2)
        {
            string value = Word(words, next + 1);
            switch (words[next])
            {
                case "versions": definition.Versions = Range(value); break;
                case "flexible": definition.Flexible = Range(value); break;
                case "kafka4": definition.Kafka4 = Range(value); break;
                case "stable": definition.Stable = Range(value); break;
                case "response-header": definition.HasFixedResponseHeader = Number(value) == 0; break;
                case "listeners": break;
                default: throw Fault($"'{words[next]}' is not known on the first line");
            }
        }

        if (definition.Versions.IsEmpty)
        {
            throw Fault("'versions' is missing");
        }

        return definition;
    }

    private void OpenStruct(string[] words)
    {
        if (_open.Count != 1 || words.Length != 3)
        {
            throw Fault("a struct is declared as 'struct NAME VERSIONS' on the first level");
        }

        if (!IsName(words[1]))
        {
            throw Fault($"'{words[1]}' is no name: letters and digits, the first a capital letter");
        }

        if (_message!.Find(words[1]) is not null)
        {
            throw Fault($"struct {words[1]} is declared twice");
        }

        var declared = new StructDefinition(words[1], Range(words[2]).Intersect(_definition!.Versions), _line);
        _message.Structs.Add(declared);
        _open.Add(declared);
    }

    private void AddField(StructDefinition owner, string[] words)
    {
        if (ReferenceEquals(owner, _undeclared))
        {
            _message!.Structs.Add(owner);
        }

        _undeclared = null;
        string typeWord = Word(words, 1);
        bool isArray = typeWord.StartsWith("[]", StringComparison.Ordinal);
        string type = isArray ? typeWord.Substring(2) : typeWord;
        if (!IsName(words[0]))
        {
            throw Fault($"'{words[0]}' is no name: letters and digits, the first a capital letter");
        }

        if (type.Length == 0 || (!IsName(type) && Array.IndexOf(PrimitiveTypes, type) < 0))
        {
            throw Fault($"'{typeWord}' is no type");
        }

        var field = new FieldDefinition(words[0], type, isArray, Range(Word(words, 2)), _definition!.Versions, _line);
        ParseMarks(field, words);
        if (owner.Fields.Exists(f => f.Name == field.Name))
        {
            throw Fault($"field {field.Name} is there twice");
        }

        owner.Fields.Add(field);
        if (field.IsStruct && _message!.Find(type) is null)
        {
            _undeclared = new StructDefinition(type, field.Versions, _line);
            _open.Add(_undeclared);
        }
    }

    private void ParseMarks(FieldDefinition field, string[] words)
    {
        for (int next = 3; next < words.Length; next++)
        {
            switch (words[next])
            {
                case "nullable":
                    bool ranged = next + 1 < words.Length && VersionRange.TryParse(words[next + 1], out _);
                    field.DeclaredNullable = ranged ? Range(words[++next]) : field.DeclaredVersions;
                    break;
                case "tag": field.Tag = Number(Word(words, ++next)); break;
                case "=": field.Default = Word(words, ++next); break;
                case "ignorable": field.IsIgnorable = true; break;
                case "key": field.IsKey = true; break;
                case "entity": field.Entity = Word(words, ++next); break;
                case "zerocopy": field.IsZeroCopy = true; break;
                case "flexible" when Word(words, ++next) == "none": field.IsNeverFlexible = true; break;
                default: throw Fault($"'{words[next]}' is not known behind a field");
            }
        }
    }

    private VersionRange Range(string word) => VersionRange.TryParse(word, out VersionRange range) ? range : throw Fault($"'{word}' is no version range");

    private int Number(string word) =>
        int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : throw Fault($"'{word}' is no number");

    private string Word(string[] words, int index) => index < words.Length ? words[index] : throw Fault("the line ends too early");

    private static bool IsName(string word) => word.Length > 0 && word[0] is >= 'A' and <= 'Z' && word.All(char.IsLetterOrDigit);

    private DefinitionException Fault(string message) => new(_line, message);
}
